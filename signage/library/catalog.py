"""Looks up the length and the media of an item on a panel, and orders what is not made yet.

1. Look-ups (``get_length``, ``is_clip_made``) change nothing.
2. Clips are converted in the background, after ``request_rendition``. Slogans are drawn when a document needs them.
3. A rendition is made once: it is cached in memory and stored in the table ``renditions`` under its key.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Literal

from msgspec import UNSET

from signage.clock import Clock
from signage.faults import Fault, Refused
from signage.library import rendition_maker
from signage.library.blobs import BlobStore
from signage.library.codecs.clip_jobs import RenditionSpec
from signage.library.rendition_specs import (
    compute_clip_key,
    compute_fallback_key,
    compute_slogan_key,
    create_clip_spec,
    get_clip_length,
)
from signage.library.settings import LibraryConfig
from signage.library.style_merge import merge_styles
from signage.model.campaign import Campaign
from signage.model.clip_facts import ClipFacts
from signage.model.item import DEFAULT_STYLE, MIN_SLOGAN_MS, Item, Style
from signage.model.panel import Panel
from signage.pixels.slogan.fallback_image import FALLBACK_TEXT
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
    """Lengths and renditions of items. *default_style* applies where neither the item nor the campaign sets a style."""

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
        """Return how long *item* shows on *panel* (ms) once its media are made, or why it cannot be shown there."""
        if item.text is not None:
            return self.get_text_length(item.text, self._merge_style(campaign, item), panel, item.duration_ms)
        spec = self._build_spec(campaign, item, panel)
        if isinstance(spec, Fault):
            return spec
        result = self._find_result(compute_clip_key(spec))
        return result if isinstance(result, Fault) else get_clip_length(self._clip_facts[spec.sha256], item)

    def get_text_length(self, text: str, style: Style, panel: Panel, min_duration_ms: int | None = None) -> int | Fault:
        """Return how long *text* shows on *panel* (ms), or why it cannot be shown. *style* is the merged style."""
        try:
            return layout_slogan(text, style, panel, min_duration_ms or MIN_SLOGAN_MS).duration_ms
        except Refused as refused:
            return refused.faults[0]

    def is_clip_made(self, campaign: Campaign, item: Item, panel: Panel) -> bool:
        """Return whether the clip of *item* (or the one behind its text) is converted for *panel*."""
        clip_item = _get_clip_item(campaign, item)
        return clip_item is None or self._find_clip_media(campaign, clip_item, panel) is not None

    def request_rendition(self, campaign: Campaign, item: Item, panel: Panel) -> bool:
        """Order the conversion of the clip of *item* (or the one behind its text). True when it was not ordered before.

        Slogans are not ordered: they are drawn when a document needs them.
        """
        clip_item = _get_clip_item(campaign, item)
        spec = None if clip_item is None else self._build_spec(campaign, clip_item, panel)
        if spec is None or isinstance(spec, Fault):
            return False
        key = compute_clip_key(spec)
        if self._find_result(key) is not None:
            return False
        with self.store.write() as connection:
            row = rows.get_rendition(connection, key)
            if row is not None and row.state == "done":  # its files are missing: an older database was restored
                rows.delete_rendition(connection, key)
            return rows.request_rendition(connection, key, spec.sha256, spec, self.clock.now())

    def get_or_create_item(self, campaign: Campaign, item: Item, panel: Panel) -> wire.PlaylistItem | None:
        """Return the playlist item for *item* on *panel*; None while its clip is not converted or cannot be shown.

        A slogan is drawn and stored where that has not been done before.
        """
        clip_item = _get_clip_item(campaign, item)
        media = None if clip_item is None else self._find_clip_media(campaign, clip_item, panel)
        if clip_item is not None and media is None:
            return None
        if item.text is not None:
            style = self._merge_style(campaign, item)
            if isinstance(self.get_text_length(item.text, style, panel, item.duration_ms), Fault):
                return None
            background = media[0].sha256 if media else None
            return self.get_or_create_slogan(item.text, style, panel, item.duration_ms, background)
        length = self.get_length(campaign, item, panel)
        facts = self.get_clip_facts(self._find_sha256(item) or "")
        if media is None or facts is None or isinstance(length, Fault):
            return None
        kind: Literal["picture", "film"] = "picture" if facts.kind == "picture" else "film"
        return wire.PlaylistItem(kind=kind, title=item.title or UNSET, duration_ms=length, media=media)

    def get_or_create_slogan(
        self,
        text: str,
        style: Style,
        panel: Panel,
        min_duration_ms: int | None = None,
        background_sha256: str | None = None,
    ) -> wire.PlaylistItem:
        """Return *text* as a playlist item; its media are drawn and stored where that has not been done before.

        *style* is the merged style. *background_sha256*: a picture converted for *panel*, drawn behind the text.
        Raises Refused where the panel cannot show the text.
        """
        min_ms = min_duration_ms or MIN_SLOGAN_MS
        layout = layout_slogan(text, style, panel, min_ms)
        key = compute_slogan_key(text, style, panel, min_ms, background_sha256)
        media = self._find_result(key)
        if media is None:
            media = rendition_maker.make_slogan_media(layout, panel, self.blobs, background_sha256)
            self._store_rendition(key, {"text": text, "panel": panel.id}, media)
        if isinstance(media, Fault) or not media:
            raise Refused([Fault("error", "panel-cannot-play", facts={"panel": panel.id, "kind": "slogan"})])
        return wire.PlaylistItem(kind="slogan", text=text, duration_ms=layout.duration_ms, media=media)

    def get_or_create_fallback(self, panel: Panel, duration_ms: int = BUILTIN_STILL_MS) -> wire.PlaylistItem:
        """Return the built-in fallback picture for *panel*, shown for *duration_ms*."""
        key = compute_fallback_key(panel)
        media = self._find_result(key)
        if media is None or isinstance(media, Fault):
            media = rendition_maker.make_fallback_media(panel, self.blobs)
            self._store_rendition(key, {"still": panel.id}, media)
        return wire.PlaylistItem(kind="picture", title=FALLBACK_TEXT, duration_ms=duration_ms, media=media)

    def get_clip_facts(self, sha256: str) -> ClipFacts | None:
        """Return the facts of a clip; None where it is not in the library."""
        facts = self._clip_facts.get(sha256)
        if facts is None:
            with self.store.read() as connection:
                clip = clips.get_clip(connection, sha256)
            if clip is None:
                return None
            facts = self._clip_facts[sha256] = clip.facts
        return facts

    def forget_failures(self) -> None:
        """Drop cached failures, so that the next look-up reads the database: a rendition may be ordered again."""
        self._results = {key: result for key, result in self._results.items() if not isinstance(result, Fault)}

    def _merge_style(self, campaign: Campaign, item: Item) -> Style:
        return merge_styles(item.look, campaign.look, self.default_style)

    def _build_spec(self, campaign: Campaign, item: Item, panel: Panel) -> RenditionSpec | Fault:
        sha256 = self._find_sha256(item)
        facts = self.get_clip_facts(sha256) if sha256 else None
        if sha256 is None or facts is None:
            return Fault("error", "clip-missing", facts={"clip": item.file or item.sha256 or ""})
        style = self._merge_style(campaign, item)
        return create_clip_spec(sha256, facts, item, style, panel, self.config.loudness_lufs)

    def _find_sha256(self, item: Item) -> str | None:
        if item.sha256 is not None or item.file is None:
            return item.sha256
        with self.store.read() as connection:
            clip_file = clips.get_clip_file(connection, item.file)
        return clip_file[0] if clip_file else None

    def _find_clip_media(self, campaign: Campaign, item: Item, panel: Panel) -> tuple[PlaylistMedia, ...] | None:
        spec = self._build_spec(campaign, item, panel)
        result = None if isinstance(spec, Fault) else self._find_result(compute_clip_key(spec))
        return None if isinstance(result, Fault) else result

    def _find_result(self, key: str) -> tuple[PlaylistMedia, ...] | Fault | None:
        """Return the media or the failure of a rendition; None while it is not made, or where its files are missing."""
        result = self._results.get(key)
        if result is None:
            with self.store.read() as connection:
                row = rows.get_rendition(connection, key)
                clip = clips.get_clip(connection, row.sha256) if row and row.sha256 and row.state == "failed" else None
            if row is None or row.result is None:
                return None
            result = _parse_result(row.result, clip.name if clip else "")
            if not isinstance(result, Fault) and not all(self.blobs.has(media.sha256) for media in result):
                return None
            self._cache_result(key, result)
        return result

    def _cache_result(self, key: str, result: tuple[PlaylistMedia, ...] | Fault) -> None:
        if len(self._results) >= _MAX_CACHED_RESULTS:
            self._results.clear()
        self._results[key] = result

    def _store_rendition(self, key: str, recipe: dict[str, str], media: tuple[PlaylistMedia, ...]) -> None:
        with self.store.write() as connection:
            rows.delete_rendition(connection, key)  # a row whose files are missing
            rows.create_finished_rendition(connection, key, recipe, media, self.clock.now())
        self._cache_result(key, media)


def _get_clip_item(campaign: Campaign, item: Item) -> Item | None:
    """Return the item whose clip *item* needs: itself, the picture behind its text, or None for text alone."""
    if item.text is None:
        return item
    if item.behind is None:
        return None
    picture = campaign.get_item(item.behind)
    return replace(picture, look=replace(picture.look, fit="cover"))


def _parse_result(result: rows.RenditionResult, clip_name: str) -> tuple[PlaylistMedia, ...] | Fault:
    if isinstance(result, rows.RenditionFailure):
        return Fault("error", result.code, facts={"name": clip_name, **result.facts})
    return result
