"""Brings what the machine cues onto a driver: sources made ready ahead, pictures sent only when they change.

1. The next item is made ready in a thread of its own, so that a switch costs no more than a look-up.
2. Decoded pictures stay in memory within a bound; films are closed when their turn is over.
3. A medium that cannot be shown is known as broken from then on, until its file is another one.
"""

import threading
from collections import OrderedDict
from datetime import datetime
from pathlib import Path

from msgspec import Struct
from PIL import Image

from signage.player.drivers import Driver, Turn
from signage.player.health import Board, Trouble
from signage.player.media.media_sources import STILLS, Source, open_source
from signage.player.playback.state_machine import Cue, Medium, Slot
from signage.player.storage.cache import Cache
from signage.player.storage.media_needs import chosen
from signage.protocol.playback import PlaylistTimeline
from signage.protocol.playlist import Playlist, PlaylistMedia, PlaylistPanel


class _Ready(Struct):
    slot: Slot
    source: Source


class Stage:
    """One driver and what is on it. All but ``prepare``'s own thread belongs to the thread that shows."""

    def __init__(self, cache: Cache, driver: Driver, board: Board, most_bytes: int) -> None:
        self._cache, self._driver, self._board, self._most = cache, driver, board, most_bytes
        self._kept: OrderedDict[str, Source] = OrderedDict()
        self._kept_lock = threading.Lock()
        self._checked: set[str] = set()
        self._broken: set[str] = set()
        self._on: _Ready | None = None
        self._turn: Slot | None = None
        self._mark: object = None
        self._next: _Ready | None = None
        self._prepared: Slot | None = None
        self._preparing: threading.Thread | None = None
        self._panel: PlaylistPanel | None = None
        self._percent: int | None = None
        self.image: Image.Image | None = None

    def medium(self, shows: PlaylistTimeline, item: str) -> Medium:
        """What there is of *item* here."""
        media = chosen(shows.playlist, item, self._cache.can_play)
        if media is None:
            first = shows.playlist.items[item].media
            return Medium(first[0].sha256 if first else "", "broken")
        if media.sha256 in self._broken:
            return Medium(media.sha256, "broken")
        return Medium(media.sha256, "missing" if self._cache.path(media) is None else "ready")

    def show(self, playlist: Playlist, cue: Cue, at: datetime) -> bool:
        """Put on the panel what *cue* says; False where its medium turned out to be broken.

        Raises Trouble("driver-failed") where the panel would not.
        """
        self._set_panel(playlist.panel)
        self._set_brightness(playlist, at)
        if cue.slot is None:
            if cue.dark:
                self._off(at)
            return True
        media = chosen(playlist, cue.slot.item, self._cache.can_play)
        if media is None or media.sha256 in self._broken:
            return False
        try:
            self._perform(cue.slot, media, cue.elapsed_ms, at)
        except Trouble as trouble:
            if trouble.code == "driver-failed":
                self._turn = self._mark = None  # all is to be sent again
                raise
            self._break(media, cue.slot.item, trouble)
            return False
        return True

    def notice(self, image: Image.Image, at: datetime) -> None:
        """A picture of the player's own, while there is no document."""
        if self._driver.pixels:
            self._driver.open(image.size)
            self._driver.picture(image, at)
            self._mark, self._panel, self.image = None, None, image

    def picture(self) -> Image.Image | None:
        """What the panel shows, for a screenshot; None where there is no panel."""
        return self.image if self._driver.pixels else self._driver.snapshot()

    def moves(self) -> bool:
        """Whether what is on the panel changes while it runs."""
        return self._on is not None and self._on.source.moves

    def prepare(self, playlist: Playlist, slot: Slot) -> None:
        """Make ready what *slot* will show, in the background."""
        media = chosen(playlist, slot.item, self._cache.can_play)
        if media is None or not self._driver.pixels or (self._preparing and self._preparing.is_alive()):
            return
        if slot.same_turn(self._prepared):
            return
        self._prepared = slot
        if media.sha256 in self._kept or media.sha256 in self._broken or self._cache.path(media) is None:
            return

        def work() -> None:
            try:
                ready = _Ready(slot, self._open(media, 0))
            except Trouble:
                return  # it will be tried again, and told, when its time comes
            stale, self._next = self._next, ready
            if stale is not None:
                stale.source.close()

        self._preparing = threading.Thread(target=work, name="prepare", daemon=True)
        self._preparing.start()

    def close(self, at: datetime) -> None:
        """Let go of everything; the driver says by itself what stays on the panel."""
        if self._on is not None:
            self._on.source.close()
        self._driver.close(at)

    # -- inside ------------------------------------------------------------------------------------------------

    def _perform(self, slot: Slot, media: PlaylistMedia, elapsed_ms: int, at: datetime) -> None:
        new = not slot.same_turn(self._turn)
        if new:
            path = self._path(media)
            self._driver.begin(Turn(slot.item, path, media, elapsed_ms, at))
        if self._driver.pixels:
            if new or self._on is None:
                self._change(slot, media, elapsed_ms)
            assert self._on is not None
            picture = self._on.source.at(elapsed_ms)
            mark = (media.sha256, picture.mark)
            if mark != self._mark:
                self._mark, self.image = mark, picture.image
                self._driver.picture(picture.image, at)
            else:
                self._driver.again(at)
        self._turn = slot

    def _change(self, slot: Slot, media: PlaylistMedia, elapsed_ms: int) -> None:
        if self._preparing is not None:
            self._preparing.join(0.0 if self._next else 2.0)
        ready, self._next = self._next, None
        if ready is not None and ready.slot.sha256 != media.sha256:
            ready.source.close()
            ready = None
        if ready is not None and elapsed_ms > 1000 and media.type not in STILLS:
            ready.source.close()  # made ready from its beginning, but it is joined later
            ready = None
        source = ready.source if ready is not None else self._kept_source(media) or self._open(media, elapsed_ms)
        old, self._on = self._on, _Ready(slot, source)
        self._keep(media, source)
        if old is not None and old.source is not source and old.slot.sha256 not in self._kept:
            old.source.close()

    def _kept_source(self, media: PlaylistMedia) -> Source | None:
        with self._kept_lock:
            return self._kept.get(media.sha256)

    def _keep(self, media: PlaylistMedia, source: Source) -> None:
        if media.type not in STILLS:
            return
        with self._kept_lock:
            self._kept[media.sha256] = source
            self._kept.move_to_end(media.sha256)
            while len(self._kept) > 1 and sum(s.bytes for s in self._kept.values()) > self._most:
                self._kept.popitem(last=False)

    def _open(self, media: PlaylistMedia, elapsed_ms: int) -> Source:
        assert self._panel is not None
        return open_source(self._path(media), media, (self._panel.width, self._panel.height), elapsed_ms)

    def _path(self, media: PlaylistMedia) -> Path:
        if media.sha256 in self._checked:
            path = self._cache.path(media)
            if path is not None:
                return path
        path = self._cache.checked(media)
        self._checked.add(media.sha256)
        return path

    def _break(self, media: PlaylistMedia, item: str, trouble: Trouble) -> None:
        if trouble.code == "media-broken":
            self._broken.add(media.sha256)
        self._checked.discard(media.sha256)
        self._board.put(f"show {media.sha256}", Trouble(trouble.code, item))
        self._turn = None

    def _off(self, at: datetime) -> None:
        if self._mark != "dark":
            self._mark, self._turn = "dark", None
            if self._panel is not None:
                self.image = Image.new("RGB", (self._panel.width, self._panel.height))
            self._driver.dark(at)

    def _set_panel(self, panel: PlaylistPanel) -> None:
        if panel != self._panel:
            self._panel, self._mark, self._turn = panel, None, None
            self._kept.clear()
            self._driver.open((panel.width, panel.height))

    def _set_brightness(self, playlist: Playlist, at: datetime) -> None:
        percent = brightness(playlist, at)
        if percent != self._percent:
            self._percent = percent
            self._driver.brightness(percent)


def brightness(playlist: Playlist, at: datetime) -> int:
    """The percentage that holds at *at*; 100 where the document says nothing of it."""
    percent = 100
    for level in playlist.brightness:
        if level.from_ <= at:
            percent = max(0, min(100, level.percent))
    return percent
