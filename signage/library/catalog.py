"""What an item is on a panel: how long it lasts, and its media where they are made.

1. Slogans are made when they are asked for; clips in the background (``queue.work``), each once for the same bytes.
2. What was made once is looked up: here in memory, and in the table of renditions by its key.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Any, Literal

from msgspec import UNSET

from signage.clock import Clock
from signage.faults import Fault, Refused
from signage.library import rendition_maker as renditions
from signage.library import rendition_specs as recipes
from signage.library.blobs import BlobStore
from signage.library.codecs.clip_jobs import RenditionSpec
from signage.library.settings import LibraryConfig
from signage.library.style_merge import merge_styles
from signage.model.campaign import Campaign
from signage.model.clip_facts import ClipFacts
from signage.model.item import DEFAULT_STYLE, MIN_SLOGAN_MS, Item, Style
from signage.model.panel import Panel
from signage.pixels.slogan.fallback_image import FALLBACK_TEXT as STILL_TEXT
from signage.pixels.slogan.slogan import layout_slogan
from signage.protocol import playlist as wire
from signage.protocol.playlist import PlaylistMedia
from signage.schedule.live_content import BUILTIN_STILL_MS
from signage.store.engine import Store
from signage.store.library import clips
from signage.store.library import renditions as rows

_MAX_CACHED_RESULTS = 100_000
RENDITION_LEASE = timedelta(minutes=2)


class RenditionCatalog:
    """Looks up and orders renditions. *house*: the look where neither item nor campaign says anything."""

    def __init__(
        self, store: Store, blobs: BlobStore, config: LibraryConfig, clock: Clock, default_style: Style = DEFAULT_STYLE
    ) -> None:
        self.store = store
        self.blobs = blobs
        self.config = config
        self.clock = clock
        self.default_style = default_style
        self._clip_facts: dict[str, ClipFacts] = {}
        self._results: dict[str, tuple[PlaylistMedia, ...] | Fault] = {}

    def get_length(self, campaign: Campaign, item: Item, panel: Panel) -> int | Fault:
        """How long *item* shows on *panel* (ms), or why it cannot be shown there."""
        if item.text is not None:
            return self.get_text_length(item.text, self._merge_style(campaign, item), panel, item.duration_ms)
        recipe = self._build_spec(campaign, item, panel)
        if isinstance(recipe, Fault):
            return recipe
        made = self._find_result(recipes.compute_clip_key(recipe))
        return made if isinstance(made, Fault) else recipes.get_clip_length(self._clip_facts[recipe.sha256], item)

    def find_rendition(self, campaign: Campaign, item: Item, panel: Panel) -> wire.PlaylistItem | None:
        """The document's item for *item* on *panel*; None while it is not made (a clip), or cannot be shown."""
        look = self._merge_style(campaign, item)
        if item.text is not None:
            length = self.get_text_length(item.text, look, panel, item.duration_ms)
            if isinstance(length, Fault):
                return None
            if item.behind is None:
                return self.get_or_create_slogan(item.text, look, panel, item.duration_ms)
            picture = self._find_background(campaign, item, panel)
            return (
                None
                if picture is None
                else self.get_or_create_slogan(item.text, look, panel, item.duration_ms, picture)
            )
        recipe = self._build_spec(campaign, item, panel)
        if isinstance(recipe, Fault):
            return None
        made = self._find_result(recipes.compute_clip_key(recipe))
        facts = self._clip_facts[recipe.sha256]
        length = recipes.get_clip_length(facts, item)
        if made is None or isinstance(made, Fault) or isinstance(length, Fault):
            return None
        kind: Literal["picture", "film"] = "picture" if facts.kind == "picture" else "film"
        return wire.PlaylistItem(kind=kind, title=item.title or UNSET, duration_ms=length, media=made)

    def request_rendition(self, campaign: Campaign, item: Item, panel: Panel) -> bool:
        """Let *item* be made for *panel*: a slogan at once, a clip in the background. True when there was need."""
        if item.text is not None and item.behind is not None:
            return self.request_rendition(campaign, _get_background_item(campaign, item.behind), panel)
        if item.text is not None:
            self.find_rendition(campaign, item, panel)
            return False
        recipe = self._build_spec(campaign, item, panel)
        if isinstance(recipe, Fault) or self._find_result(recipes.compute_clip_key(recipe)) is not None:
            return False
        return self._enqueue(recipe)

    def get_or_create_slogan(
        self, text: str, look: Style, panel: Panel, least_ms: int | None = None, behind: str | None = None
    ) -> wire.PlaylistItem:
        """*text* as an item of a document, made at once where it is not there. *look* as merged.

        *behind*: the sha256 of a picture that was made for the panel, to stand behind the text.

        Raises Refused where the panel cannot show it.
        """
        least = least_ms or MIN_SLOGAN_MS
        setting = layout_slogan(text, look, panel, least)
        key = recipes.compute_slogan_key(text, look, panel, least, behind)
        made = self._find_result(key)
        if made is None:
            made = renditions.make_slogan_media(setting, panel, self.blobs, behind)
            self._store_rendition(key, {"text": text, "panel": panel.id}, made)
        if isinstance(made, Fault) or not made:
            raise Refused([Fault("error", "panel-cannot-play", facts={"panel": panel.id, "kind": "slogan"})])
        return wire.PlaylistItem(kind="slogan", text=text, duration_ms=setting.duration_ms, media=made)

    def get_or_create_fallback(self, panel: Panel, duration_ms: int = BUILTIN_STILL_MS) -> wire.PlaylistItem:
        """The built-in still on *panel*, for as long as it is to fill."""
        key = recipes.compute_fallback_key(panel)
        made = self._find_result(key)
        if made is None or isinstance(made, Fault):
            made = renditions.make_fallback_media(panel, self.blobs)
            self._store_rendition(key, {"still": panel.id}, made)
        return wire.PlaylistItem(kind="picture", title=STILL_TEXT, duration_ms=duration_ms, media=made)

    def _find_background(self, campaign: Campaign, item: Item, panel: Panel) -> str | None:
        """The picture behind a slogan as made for *panel*, by its sha256; None while it is not made."""
        shown = self.find_rendition(campaign, _get_background_item(campaign, item.behind or ""), panel)
        return shown.media[0].sha256 if shown is not None else None

    def get_clip_facts(self, sha256: str) -> ClipFacts | None:
        """What is known of a clip; None where it is not in the library."""
        found = self._clip_facts.get(sha256)
        if found is None:
            with self.store.read() as connection:
                kept = clips.get_clip(connection, sha256)
            if kept is None:
                return None
            found = self._clip_facts[sha256] = kept.facts
        return found

    def forget_failures(self) -> None:
        """Look anew at what is not made, or was given up (in memory only what is made is certain)."""
        self._results = {key: made for key, made in self._results.items() if not isinstance(made, Fault)}

    def _merge_style(self, campaign: Campaign, item: Item) -> Style:
        return merge_styles(item.look, campaign.look, self.default_style)

    def get_text_length(self, text: str, look: Style, panel: Panel, least_ms: int | None = None) -> int | Fault:
        """How long *text* shows on *panel* (ms), or why it cannot. *look* as merged."""
        try:
            return layout_slogan(text, look, panel, least_ms or MIN_SLOGAN_MS).duration_ms
        except Refused as refused:
            return refused.faults[0]

    def _build_spec(self, campaign: Campaign, item: Item, panel: Panel) -> RenditionSpec | Fault:
        sha256 = item.sha256 or self._find_file_sha256(item.file or "")
        facts = self.get_clip_facts(sha256) if sha256 else None
        if sha256 is None or facts is None:
            return Fault("error", "clip-missing", facts={"clip": item.file or item.sha256 or ""})
        look = self._merge_style(campaign, item)
        return recipes.create_clip_spec(sha256, facts, item, look, panel, self.config.loudness_lufs)

    def _find_file_sha256(self, path: str) -> str | None:
        with self.store.read() as connection:
            found = clips.get_clip_file(connection, path)
        return found[0] if found else None

    def _find_result(self, key: str) -> tuple[PlaylistMedia, ...] | Fault | None:
        made = self._results.get(key)
        if made is None:
            with self.store.read() as connection:
                row = rows.get_rendition(connection, key)
                kept = clips.get_clip(connection, row.sha256) if row and row.sha256 and row.state == "failed" else None
            if row is None or row.state not in ("done", "failed"):
                return None
            made = parse_result(row, kept.name if kept else "")
            if not isinstance(made, Fault) and not all(self.blobs.has(one.sha256) for one in made):
                self._delete_rendition(key)  # its bytes are gone (a restored database, say): it is made again
                return None
            self._cache_result(key, made)
        return made

    def _cache_result(self, key: str, made: tuple[PlaylistMedia, ...] | Fault) -> None:
        if len(self._results) >= _MAX_CACHED_RESULTS:
            self._results.clear()
        self._results[key] = made

    def _delete_rendition(self, key: str) -> None:
        with self.store.write() as connection:
            rows.delete_rendition(connection, key)

    def _store_rendition(self, key: str, recipe: dict[str, Any], made: tuple[PlaylistMedia, ...]) -> None:
        with self.store.write() as connection:
            rows.create_finished_rendition(connection, key, recipe, made, self.clock.now())
        self._cache_result(key, made)

    def _enqueue(self, recipe: RenditionSpec) -> bool:
        with self.store.write() as connection:
            return rows.request_rendition(
                connection, recipes.compute_clip_key(recipe), recipe.sha256, recipe, self.clock.now()
            )


def _get_background_item(campaign: Campaign, item_id: str) -> Item:
    """The picture as it stands behind text: it fills the panel."""
    picture = campaign.get_item(item_id)
    return replace(picture, look=replace(picture.look, fit="cover"))


def parse_result(row: rows.RenditionRow, name: str = "") -> tuple[PlaylistMedia, ...] | Fault:
    """What came of a rendition (of the clip called *name*) that is done or failed."""
    if isinstance(row.result, rows.RenditionFailure):
        return Fault("error", row.result.code, facts={"name": name, **row.result.facts})
    return row.result or ()
