"""Play films in real time: a thread decodes ahead, and each frame is shown from its own time stamp on.

A late frame is decoded but not converted, so that a slow machine drops frames instead of falling behind.
"""

import threading
from collections import deque
from pathlib import Path
from typing import Any

import av
from av.container import InputContainer
from av.error import FFmpegError
from PIL import Image

from signage.player.health import PlayerError
from signage.player.media.images import MediaFrame, Size, fit_to_panel
from signage.protocol.playlist import PlaylistMedia

FRAMES_AHEAD = 6
FIRST_FRAME_TIMEOUT_S = 10.0


class VideoDecoder:
    """Decodes one film from *start_ms* on."""

    is_animated = True

    def __init__(self, path: Path, media: PlaylistMedia, panel: Size, start_ms: int) -> None:
        self._panel, self._start_ms, self._sha256_prefix = panel, start_ms, media.sha256[:12]
        self.size_bytes = (FRAMES_AHEAD + 1) * panel[0] * panel[1] * 3
        self._decoded_frames: deque[MediaFrame] = deque()
        self._condition = threading.Condition()
        self._now_ms, self._closed, self._ended, self._failed = start_ms, False, False, False
        self._current_frame: MediaFrame | None = None
        try:
            self._container = _open_container(path)
        except (FFmpegError, OSError, ValueError) as error:
            raise PlayerError("media-broken", self._sha256_prefix) from error
        self._thread = threading.Thread(target=self._decode, name=f"film-{self._sha256_prefix}", daemon=True)
        self._thread.start()
        self._wait_for_first_frame()

    def get_frame(self, elapsed_ms: int) -> MediaFrame:
        """Return the frame to show at *elapsed_ms*. Raises PlayerError if none can be decoded."""
        with self._condition:
            self._now_ms = elapsed_ms
            while self._decoded_frames and (
                self._current_frame is None or self._get_time_ms(self._decoded_frames[0]) <= elapsed_ms
            ):
                self._current_frame = self._decoded_frames.popleft()
                self._condition.notify_all()
            if self._current_frame is None or self._failed:
                raise PlayerError("media-broken", self._sha256_prefix)
            return self._current_frame

    def close(self) -> None:
        with self._condition:
            self._closed = True
            self._decoded_frames.clear()
            self._condition.notify_all()

    def _wait_for_first_frame(self) -> None:
        with self._condition:
            self._condition.wait_for(lambda: self._decoded_frames or self._ended or self._failed, FIRST_FRAME_TIMEOUT_S)
            if not self._decoded_frames:
                self._closed = True
                raise PlayerError("media-broken", self._sha256_prefix)

    @staticmethod
    def _get_time_ms(media_frame: MediaFrame) -> int:
        assert isinstance(media_frame.frame_id, int)
        return media_frame.frame_id

    def _decode(self) -> None:
        try:
            with self._container as container:
                self._decode_frames(container)
        except (FFmpegError, OSError, ValueError):
            with self._condition:
                self._failed = self._current_frame is None and not self._decoded_frames
        finally:
            with self._condition:
                self._ended = True
                self._condition.notify_all()

    def _decode_frames(self, container: InputContainer) -> None:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        base = stream.time_base
        assert base is not None
        first_pts = stream.start_time or 0
        if self._start_ms > 0:
            container.seek(first_pts + int(self._start_ms / 1000 / base), stream=stream, backward=True)
        before: av.VideoFrame | None = None  # the frame that is visible at the start has an earlier time stamp
        for frame in container.decode(stream):
            if frame.pts is None:
                continue
            at_ms = int((frame.pts - first_pts) * base * 1000)
            if at_ms <= self._start_ms:
                before = frame
                continue
            if before is not None and not self._queue_frame(before, self._start_ms):
                return
            before = None
            if not self._queue_frame(frame, at_ms):
                return
        if before is not None:
            self._queue_frame(before, self._start_ms)

    def _queue_frame(self, frame: av.VideoFrame, at_ms: int) -> bool:
        """Convert and queue a frame; return False if the film was closed."""
        with self._condition:
            self._condition.wait_for(lambda: self._closed or len(self._decoded_frames) < FRAMES_AHEAD)
            if self._closed:
                return False
            late = at_ms < self._now_ms - 100 and self._current_frame is not None
        if late:
            return True
        image = fit_to_panel(_to_image(frame), self._panel)
        with self._condition:
            self._decoded_frames.append(MediaFrame(at_ms, image))
            self._condition.notify_all()
        return True


def _open_container(path: Path) -> InputContainer:
    options = {"protocol_whitelist": "file", "format_whitelist": "mov,matroska,webm,mpeg,mpegts,mpegvideo"}
    container = av.open(str(path), options=options)
    if not container.streams.video:
        container.close()
        raise ValueError("no picture track")
    return container


def _to_image(frame: av.VideoFrame) -> Image.Image:
    """Convert the frame to an image with one copy: PyAV's own ``to_image`` takes nine times as long."""
    array = frame.reformat(format="rgb24")
    plane: Any = array.planes[0]  # a buffer, although its type does not say so
    return Image.frombuffer("RGB", (array.width, array.height), plane, "raw", "RGB", plane.line_size, 1)
