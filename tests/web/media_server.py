"""Real media and a server in this process, for tests that look at what a browser or a player makes of it."""

import io
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import av
import numpy
from PIL import Image, ImageDraw
from werkzeug.serving import WSGIRequestHandler, make_server

from signage.protocol import playlist as pl
from signage.web.app import create_app
from tests.web.support import FakeClock, FakeInstallation


class OffsetClock(FakeClock):
    """The machine's time, moved by as much as a test wants."""

    def __init__(self) -> None:
        super().__init__()
        self.offset = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offset


class _QuietRequestHandler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def send_response(self, code: int, message: str | None = None) -> None:
        """Send the status without a Date: the application sends its own."""
        self.send_response_only(code, message)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


@contextmanager
def serve(server: FakeInstallation, port: int = 0) -> Iterator[int]:
    """*server* on 127.0.0.1 until the end of the block; gives the port."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    http = make_server(
        "127.0.0.1", port, create_app(server.create_dependencies()), threaded=True, request_handler=_QuietRequestHandler
    )
    http.daemon_threads = True  # type: ignore[attr-defined]
    thread = threading.Thread(target=http.serve_forever, daemon=True)
    thread.start()
    try:
        yield http.server_port
    finally:
        http.shutdown()
        http.server_close()
        thread.join(5)


def create_picture(color: str, size: tuple[int, int] = (192, 64), mark: str = "") -> bytes:
    image = Image.new("RGB", size, color)
    if mark:
        ImageDraw.Draw(image).text((8, 8), mark, fill="white")
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def create_ramp(width: int, height: int = 64) -> bytes:
    """A strip whose colour tells the column: red the column by 256, green the rest, blue full."""
    pixels = numpy.zeros((height, width, 3), dtype=numpy.uint8)
    columns = numpy.arange(width)
    pixels[:, :, 0], pixels[:, :, 1], pixels[:, :, 2] = columns // 256, columns % 256, 255
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def create_film(seconds: float, color: tuple[int, int, int], size: tuple[int, int] = (192, 64), fps: int = 25) -> bytes:
    """A film of one colour, H.264 in MP4."""
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=fps)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        pixels = numpy.full((size[1], size[0], 3), color, dtype=numpy.uint8)
        for _ in range(round(seconds * fps)):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode())
    return out.getvalue()


def add_media(
    server: FakeInstallation, data: bytes, kind: str, size: tuple[int, int] = (192, 64), motion: pl.Motion | None = None
) -> pl.PlaylistMedia:
    """A rendition of these bytes that *server* has."""
    sha256 = server.add_blob(data)
    ending = {"image/png": "png", "image/gif": "gif", "video/mp4": "mp4"}[kind]
    moving = {} if motion is None else {"motion": motion}
    return pl.PlaylistMedia(f"/media/{sha256}.{ending}", kind, sha256, len(data), *size, **moving)
