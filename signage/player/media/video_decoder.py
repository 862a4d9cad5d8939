"""Films in true time: decoded ahead in a thread of their own, each frame shown from its own time stamp on.

A frame that is late already is decoded but not converted, so that a slow machine drops frames and keeps the time.
"""

import threading
from collections import deque
from pathlib import Path
from typing import Any

import av
from av.container import InputContainer
from av.error import FFmpegError
from PIL import Image

from signage.player.health import Trouble
from signage.player.media.images import Picture, Size, fitted
from signage.protocol.playlist import PlaylistMedia

AHEAD = 6
FIRST_FRAME_S = 10.0


class Film:
    """One film from *start_ms* on."""

    moves = True

    def __init__(self, path: Path, media: PlaylistMedia, panel: Size, start_ms: int) -> None:
        self._panel, self._start_ms, self._sha = panel, start_ms, media.sha256[:12]
        self.bytes = (AHEAD + 1) * panel[0] * panel[1] * 3
        self._ready: deque[Picture] = deque()
        self._room = threading.Condition()
        self._now_ms, self._closed, self._ended, self._failed = start_ms, False, False, False
        self._showing: Picture | None = None
        try:
            self._container = _open(path)
        except (FFmpegError, OSError, ValueError) as error:
            raise Trouble("media-broken", self._sha) from error
        self._thread = threading.Thread(target=self._decode, name=f"film-{self._sha}", daemon=True)
        self._thread.start()
        self._await_first()

    def at(self, elapsed_ms: int) -> Picture:
        """The frame that shows at *elapsed_ms*. Raises Trouble where none can be decoded."""
        with self._room:
            self._now_ms = elapsed_ms
            while self._ready and (self._showing is None or self._time(self._ready[0]) <= elapsed_ms):
                self._showing = self._ready.popleft()
                self._room.notify_all()
            if self._showing is None or self._failed:
                raise Trouble("media-broken", self._sha)
            return self._showing

    def close(self) -> None:
        with self._room:
            self._closed = True
            self._ready.clear()
            self._room.notify_all()

    def _await_first(self) -> None:
        with self._room:
            self._room.wait_for(lambda: self._ready or self._ended or self._failed, FIRST_FRAME_S)
            if not self._ready:
                self._closed = True
                raise Trouble("media-broken", self._sha)

    @staticmethod
    def _time(picture: Picture) -> int:
        assert isinstance(picture.mark, int)
        return picture.mark

    def _decode(self) -> None:
        try:
            with self._container as container:
                self._frames(container)
        except (FFmpegError, OSError, ValueError):
            with self._room:
                self._failed = self._showing is None and not self._ready
        finally:
            with self._room:
                self._ended = True
                self._room.notify_all()

    def _frames(self, container: InputContainer) -> None:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        base = stream.time_base
        assert base is not None
        zero = stream.start_time or 0
        if self._start_ms > 0:
            container.seek(zero + int(self._start_ms / 1000 / base), stream=stream, backward=True)
        before: av.VideoFrame | None = None  # the frame that is on the panel at the start began earlier
        for frame in container.decode(stream):
            if frame.pts is None:
                continue
            at_ms = int((frame.pts - zero) * base * 1000)
            if at_ms <= self._start_ms:
                before = frame
                continue
            if before is not None and not self._put(before, self._start_ms):
                return
            before = None
            if not self._put(frame, at_ms):
                return
        if before is not None:
            self._put(before, self._start_ms)

    def _put(self, frame: av.VideoFrame, at_ms: int) -> bool:
        """Convert and queue; False where the film was closed."""
        with self._room:
            self._room.wait_for(lambda: self._closed or len(self._ready) < AHEAD)
            if self._closed:
                return False
            late = at_ms < self._now_ms - 100 and self._showing is not None
        if late:
            return True
        image = fitted(_rgb(frame), self._panel)
        with self._room:
            self._ready.append(Picture(at_ms, image))
            self._room.notify_all()
        return True


def _open(path: Path) -> InputContainer:
    options = {"protocol_whitelist": "file", "format_whitelist": "mov,matroska,webm,mpeg,mpegts,mpegvideo"}
    container = av.open(str(path), options=options)
    if not container.streams.video:
        container.close()
        raise ValueError("no picture track")
    return container


def _rgb(frame: av.VideoFrame) -> Image.Image:
    """The frame as a picture, by one copy: the decoder's own ``to_image`` takes nine times as long."""
    whole = frame.reformat(format="rgb24")
    plane: Any = whole.planes[0]  # a buffer, though its type does not say so
    return Image.frombuffer("RGB", (whole.width, whole.height), plane, "raw", "RGB", plane.line_size, 1)
