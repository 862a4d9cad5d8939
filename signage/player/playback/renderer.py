"""Renders display commands on a driver: media opened ahead, images sent only when they change.

1. A thread opens the next item ahead, so that a switch costs only a look-up.
2. Decoded images stay in memory within a limit; films are closed when their slot ends.
3. A medium that cannot be shown counts as broken until its file changes.
"""

import threading
from collections import OrderedDict
from datetime import datetime
from pathlib import Path

from msgspec import Struct
from PIL import Image

from signage.player.drivers import Driver, ItemStart
from signage.player.health import FaultBoard, PlayerError
from signage.player.media.media_sources import IMAGE_TYPES, MediaSource, open_media
from signage.player.playback.state_machine import DisplayCommand, LocalRendition, PlaySlot
from signage.player.storage.cache import PlayerCache
from signage.player.storage.media_needs import choose_rendition
from signage.protocol.playback import PlaylistTimeline
from signage.protocol.playlist import Playlist, PlaylistMedia, PlaylistPanel


class _PreparedSource(Struct):
    slot: PlaySlot
    source: MediaSource


class Renderer:
    """Renders on one driver. Everything but the thread of ``prepare`` runs in the playback thread."""

    def __init__(self, cache: PlayerCache, driver: Driver, board: FaultBoard, max_cache_bytes: int) -> None:
        self._cache, self._driver, self._board, self._max_cache_bytes = cache, driver, board, max_cache_bytes
        self._source_cache: OrderedDict[str, MediaSource] = OrderedDict()
        self._source_cache_lock = threading.Lock()
        self._verified: set[str] = set()
        self._broken: set[str] = set()
        self._active: _PreparedSource | None = None
        self._active_slot: PlaySlot | None = None
        self._shown_frame: object = None
        self._prepared_source: _PreparedSource | None = None
        self._prepared_slot: PlaySlot | None = None
        self._prepare_thread: threading.Thread | None = None
        self._panel: PlaylistPanel | None = None
        self._brightness_percent: int | None = None
        self.image: Image.Image | None = None

    def find_rendition(self, timeline: PlaylistTimeline, item: str) -> LocalRendition:
        """Return the local rendition of *item*."""
        media = choose_rendition(timeline.playlist, item, self._cache.can_play)
        if media is None:
            first = timeline.playlist.items[item].media
            return LocalRendition(first[0].sha256 if first else "", "broken")
        if media.sha256 in self._broken:
            return LocalRendition(media.sha256, "broken")
        return LocalRendition(media.sha256, "missing" if self._cache.get_path(media) is None else "ready")

    def render(self, playlist: Playlist, command: DisplayCommand, at: datetime) -> bool:
        """Render *command*; return False if its medium turned out to be broken.

        Raises PlayerError("driver-failed") if the panel fails.
        """
        self._set_panel(playlist.panel)
        self._set_brightness(playlist, at)
        if command.slot is None:
            if command.dark:
                self._show_black(at)
            return True
        media = choose_rendition(playlist, command.slot.item, self._cache.can_play)
        if media is None or media.sha256 in self._broken:
            return False
        try:
            self._render_slot(command.slot, media, command.elapsed_ms, at)
        except PlayerError as error:
            if error.code == "driver-failed":
                self._active_slot = self._shown_frame = None  # everything must be sent again
                raise
            self._mark_broken(media, command.slot.item, error)
            return False
        return True

    def show_image(self, image: Image.Image, at: datetime) -> None:
        """Show an image of the player itself while there is no playlist."""
        if self._driver.wants_images:
            self._driver.open(image.size)
            self._driver.show_image(image, at)
            self._shown_frame, self._panel, self.image = None, None, image

    def get_screenshot(self) -> Image.Image | None:
        """Return the image on the panel; None if there is no panel."""
        return self.image if self._driver.wants_images else self._driver.take_snapshot()

    def is_animated(self) -> bool:
        """Return whether the current item changes while it runs."""
        return self._active is not None and self._active.source.is_animated

    def prepare(self, playlist: Playlist, slot: PlaySlot) -> None:
        """Open the medium of *slot* in the background."""
        media = choose_rendition(playlist, slot.item, self._cache.can_play)
        if media is None or not self._driver.wants_images or (self._prepare_thread and self._prepare_thread.is_alive()):
            return
        if slot.is_same_turn(self._prepared_slot):
            return
        self._prepared_slot = slot
        if media.sha256 in self._source_cache or media.sha256 in self._broken or self._cache.get_path(media) is None:
            return

        def work() -> None:
            try:
                prepared = _PreparedSource(slot, self._open_source(media, 0))
            except PlayerError:
                return  # the error is reported when the item is due
            stale, self._prepared_source = self._prepared_source, prepared
            if stale is not None:
                stale.source.close()

        self._prepare_thread = threading.Thread(target=work, name="prepare", daemon=True)
        self._prepare_thread.start()

    def close(self, at: datetime) -> None:
        """Close everything; the driver decides what remains on the panel."""
        if self._active is not None:
            self._active.source.close()
        self._driver.close(at)

    # -- internals ---------------------------------------------------------------------------------------------

    def _render_slot(self, slot: PlaySlot, media: PlaylistMedia, elapsed_ms: int, at: datetime) -> None:
        is_new_turn = not slot.is_same_turn(self._active_slot)
        if is_new_turn:
            path = self._get_verified_path(media)
            self._driver.start_item(ItemStart(slot.item, path, media, elapsed_ms, at))
        if self._driver.wants_images:
            if is_new_turn or self._active is None:
                self._switch_source(slot, media, elapsed_ms)
            assert self._active is not None
            frame = self._active.source.get_frame(elapsed_ms)
            frame_key = (media.sha256, frame.frame_id)
            if frame_key != self._shown_frame:
                self._shown_frame, self.image = frame_key, frame.image
                self._driver.show_image(frame.image, at)
            else:
                self._driver.refresh(at)
        self._active_slot = slot

    def _switch_source(self, slot: PlaySlot, media: PlaylistMedia, elapsed_ms: int) -> None:
        if self._prepare_thread is not None:
            self._prepare_thread.join(0.0 if self._prepared_source else 2.0)
        prepared, self._prepared_source = self._prepared_source, None
        if prepared is not None and prepared.slot.sha256 != media.sha256:
            prepared.source.close()
            prepared = None
        if prepared is not None and elapsed_ms > 1000 and media.type not in IMAGE_TYPES:
            prepared.source.close()  # opened at its start, but the slot is joined later
            prepared = None
        source = (
            prepared.source
            if prepared is not None
            else self._get_cached_source(media) or self._open_source(media, elapsed_ms)
        )
        previous, self._active = self._active, _PreparedSource(slot, source)
        self._cache_source(media, source)
        if previous is not None and previous.source is not source and previous.slot.sha256 not in self._source_cache:
            previous.source.close()

    def _get_cached_source(self, media: PlaylistMedia) -> MediaSource | None:
        with self._source_cache_lock:
            return self._source_cache.get(media.sha256)

    def _cache_source(self, media: PlaylistMedia, source: MediaSource) -> None:
        if media.type not in IMAGE_TYPES:
            return
        with self._source_cache_lock:
            self._source_cache[media.sha256] = source
            self._source_cache.move_to_end(media.sha256)
            while (
                len(self._source_cache) > 1
                and sum(s.size_bytes for s in self._source_cache.values()) > self._max_cache_bytes
            ):
                self._source_cache.popitem(last=False)

    def _open_source(self, media: PlaylistMedia, elapsed_ms: int) -> MediaSource:
        assert self._panel is not None
        return open_media(self._get_verified_path(media), media, (self._panel.width, self._panel.height), elapsed_ms)

    def _get_verified_path(self, media: PlaylistMedia) -> Path:
        if media.sha256 in self._verified:
            path = self._cache.get_path(media)
            if path is not None:
                return path
        path = self._cache.get_verified_path(media)
        self._verified.add(media.sha256)
        return path

    def _mark_broken(self, media: PlaylistMedia, item: str, error: PlayerError) -> None:
        if error.code == "media-broken":
            self._broken.add(media.sha256)
        self._verified.discard(media.sha256)
        self._board.set_fault(f"show {media.sha256}", PlayerError(error.code, item))
        self._active_slot = None

    def _show_black(self, at: datetime) -> None:
        if self._shown_frame != "dark":
            self._shown_frame, self._active_slot = "dark", None
            if self._panel is not None:
                self.image = Image.new("RGB", (self._panel.width, self._panel.height))
            self._driver.show_black(at)

    def _set_panel(self, panel: PlaylistPanel) -> None:
        if panel != self._panel:
            self._panel, self._shown_frame, self._active_slot = panel, None, None
            self._source_cache.clear()
            self._driver.open((panel.width, panel.height))

    def _set_brightness(self, playlist: Playlist, at: datetime) -> None:
        percent = get_brightness(playlist, at)
        if percent != self._brightness_percent:
            self._brightness_percent = percent
            self._driver.set_brightness(percent)


def get_brightness(playlist: Playlist, at: datetime) -> int:
    """Return the brightness at *at* in percent; 100 if the playlist does not set it."""
    percent = 100
    for level in playlist.brightness:
        if level.from_ <= at:
            percent = max(0, min(100, level.percent))
    return percent
