"""What an item is on a panel: how long it lasts, and its media where they are made.

1. Slogans are made when they are asked for; clips in the background (``queue.work``), each once for the same bytes.
2. What was made once is looked up: here in memory, and in the table of renditions by its key.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Any, Literal

import msgspec
from msgspec import UNSET

from signage.clock import Clock
from signage.faults import Fault, Refused
from signage.library import rendition_maker as renditions
from signage.library import rendition_specs as recipes
from signage.library.blobs import Blobs
from signage.library.codecs.clip_facts import Facts
from signage.library.rendition_specs import Recipe
from signage.library.settings import LibraryConfig
from signage.library.style_merge import merged
from signage.model.campaign import Campaign
from signage.model.item import PLAIN, Item, Look
from signage.model.panel import Panel
from signage.pixels.slogan.fallback_image import TEXT as STILL_TEXT
from signage.pixels.slogan.slogan import set_text
from signage.protocol import playlist as wire
from signage.protocol.playlist import Media
from signage.schedule.live_content import STILL_MS
from signage.store.engine import Store
from signage.store.library import clips
from signage.store.library import renditions as rows

SLOGAN_MS = 8000
"""How long a slogan shows at least where its item does not say."""
_MOST = 100_000
LEASE = timedelta(minutes=2)


class Catalogue:
    """Looks up and orders renditions. *house*: the look where neither item nor campaign says anything."""

    def __init__(self, store: Store, blobs: Blobs, config: LibraryConfig, clock: Clock, house: Look = PLAIN) -> None:
        self.store = store
        self.blobs = blobs
        self.config = config
        self.clock = clock
        self.house = house
        self._facts: dict[str, Facts] = {}
        self._settled: dict[str, tuple[Media, ...] | Fault] = {}

    def length(self, campaign: Campaign, item: Item, panel: Panel) -> int | Fault:
        """How long *item* shows on *panel* (ms), or why it cannot be shown there."""
        if item.text is not None:
            return self.text_length(item.text, self._look(campaign, item), panel, item.duration_ms)
        recipe = self._recipe(campaign, item, panel)
        if isinstance(recipe, Fault):
            return recipe
        made = self._look_up(recipe.key)
        return made if isinstance(made, Fault) else recipes.clip_length(self._facts[recipe.sha256], item)

    def rendition(self, campaign: Campaign, item: Item, panel: Panel) -> wire.Item | None:
        """The document's item for *item* on *panel*; None while it is not made (a clip), or cannot be shown."""
        look = self._look(campaign, item)
        if item.text is not None:
            length = self.text_length(item.text, look, panel, item.duration_ms)
            if isinstance(length, Fault):
                return None
            if item.behind is None:
                return self.slogan(item.text, look, panel, item.duration_ms)
            picture = self._behind(campaign, item, panel)
            return None if picture is None else self.slogan(item.text, look, panel, item.duration_ms, picture)
        recipe = self._recipe(campaign, item, panel)
        if isinstance(recipe, Fault):
            return None
        made = self._look_up(recipe.key)
        facts = self._facts[recipe.sha256]
        length = recipes.clip_length(facts, item)
        if made is None or isinstance(made, Fault) or isinstance(length, Fault):
            return None
        kind: Literal["picture", "film"] = "picture" if facts.kind == "picture" else "film"
        return wire.Item(kind=kind, title=item.title or UNSET, duration_ms=length, media=made)

    def make(self, campaign: Campaign, item: Item, panel: Panel) -> bool:
        """Let *item* be made for *panel*: a slogan at once, a clip in the background. True when there was need."""
        if item.text is not None and item.behind is not None:
            return self.make(campaign, _backdrop(campaign, item.behind), panel)
        if item.text is not None:
            self.rendition(campaign, item, panel)
            return False
        recipe = self._recipe(campaign, item, panel)
        if isinstance(recipe, Fault) or self._look_up(recipe.key) is not None:
            return False
        return self._ask(recipe)

    def slogan(
        self, text: str, look: Look, panel: Panel, least_ms: int | None = None, behind: str | None = None
    ) -> wire.Item:
        """*text* as an item of a document, made at once where it is not there. *look* as merged.

        *behind*: the sha256 of a picture that was made for the panel, to stand behind the text.

        Raises Refused where the panel cannot show it.
        """
        least = least_ms or SLOGAN_MS
        setting = set_text(text, look, panel, least)
        key = recipes.slogan_key(text, look, panel, least, behind)
        made = self._look_up(key)
        if made is None:
            made = renditions.text_media(setting, panel, self.blobs, behind)
            self._put(key, {"text": text, "panel": panel.id}, made)
        if isinstance(made, Fault) or not made:
            raise Refused([Fault("error", "panel-cannot-play", facts={"panel": panel.id, "kind": "slogan"})])
        return wire.Item(kind="slogan", text=text, duration_ms=setting.duration_ms, media=made)

    def still(self, panel: Panel, duration_ms: int = STILL_MS) -> wire.Item:
        """The built-in still on *panel*, for as long as it is to fill."""
        key = recipes.still_key(panel)
        made = self._look_up(key)
        if made is None or isinstance(made, Fault):
            made = renditions.still_media(panel, self.blobs)
            self._put(key, {"still": panel.id}, made)
        return wire.Item(kind="picture", title=STILL_TEXT, duration_ms=duration_ms, media=made)

    def _behind(self, campaign: Campaign, item: Item, panel: Panel) -> str | None:
        """The picture behind a slogan as made for *panel*, by its sha256; None while it is not made."""
        shown = self.rendition(campaign, _backdrop(campaign, item.behind or ""), panel)
        return shown.media[0].sha256 if shown is not None else None

    def facts(self, sha256: str) -> Facts | None:
        """What is known of a clip; None where it is not in the library."""
        found = self._facts.get(sha256)
        if found is None:
            with self.store.read() as connection:
                kept = clips.get(connection, sha256)
            if kept is None:
                return None
            found = self._facts[sha256] = msgspec.convert(kept.facts, Facts)
        return found

    def forget(self) -> None:
        """Look anew at what is not made, or was given up (in memory only what is made is certain)."""
        self._settled = {key: made for key, made in self._settled.items() if not isinstance(made, Fault)}

    def _look(self, campaign: Campaign, item: Item) -> Look:
        return merged(item.look, campaign.look, self.house)

    def text_length(self, text: str, look: Look, panel: Panel, least_ms: int | None = None) -> int | Fault:
        """How long *text* shows on *panel* (ms), or why it cannot. *look* as merged."""
        try:
            return set_text(text, look, panel, least_ms or SLOGAN_MS).duration_ms
        except Refused as refused:
            return refused.faults[0]

    def _recipe(self, campaign: Campaign, item: Item, panel: Panel) -> Recipe | Fault:
        sha256 = item.sha256 or self._of_file(item.file or "")
        facts = self.facts(sha256) if sha256 else None
        if sha256 is None or facts is None:
            return Fault("error", "clip-missing", facts={"clip": item.file or item.sha256 or ""})
        look = self._look(campaign, item)
        return recipes.clip_recipe(sha256, facts, item, look, panel, self.config.loudness_lufs)

    def _of_file(self, path: str) -> str | None:
        with self.store.read() as connection:
            found = clips.file(connection, path)
        return found[0] if found else None

    def _look_up(self, key: str) -> tuple[Media, ...] | Fault | None:
        made = self._settled.get(key)
        if made is None:
            with self.store.read() as connection:
                row = rows.get(connection, key)
                kept = clips.get(connection, row.sha256) if row and row.sha256 and row.state == "failed" else None
            if row is None or row.state not in ("done", "failed"):
                return None
            made = result(row, kept.name if kept else "")
            if not isinstance(made, Fault) and not all(self.blobs.has(one.sha256) for one in made):
                self._drop(key)  # its bytes are gone (a restored database, say): it is made again
                return None
            self._remember(key, made)
        return made

    def _remember(self, key: str, made: tuple[Media, ...] | Fault) -> None:
        if len(self._settled) >= _MOST:
            self._settled.clear()
        self._settled[key] = made

    def _drop(self, key: str) -> None:
        with self.store.write() as connection:
            rows.remove(connection, key)

    def _put(self, key: str, recipe: dict[str, Any], made: tuple[Media, ...]) -> None:
        with self.store.write() as connection:
            rows.put(connection, key, recipe, msgspec.to_builtins(made), self.clock.now())
        self._remember(key, made)

    def _ask(self, recipe: Recipe) -> bool:
        with self.store.write() as connection:
            return rows.ask(connection, recipe.key, recipe.sha256, msgspec.to_builtins(recipe), self.clock.now())


def _backdrop(campaign: Campaign, item_id: str) -> Item:
    """The picture as it stands behind text: it fills the panel."""
    picture = campaign.item(item_id)
    return replace(picture, look=replace(picture.look, fit="cover"))


def result(row: rows.Rendition, name: str = "") -> tuple[Media, ...] | Fault:
    """What came of a rendition (of the clip called *name*) that is done or failed."""
    if row.state == "failed":
        return Fault("error", row.result["code"], facts={"name": name, **row.result["facts"]})
    return msgspec.convert(row.result, tuple[Media, ...])
