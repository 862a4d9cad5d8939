"""Driver for LED controllers over DDP, the Distributed Display Protocol (3waylabs.com/ddp), UDP port 4048.

A frame is sent in packets of up to 1440 bytes of data (480 RGB pixels). Header, 10 bytes, big-endian: flags (version 1
in the upper bits, PUSH on the last packet), sequence 1…15, data type (RGB, 8 bits), output id 1, offset of the data in
the frame, its length. An unchanged frame is sent again every second, so that a controller recovers after power loss.
"""

import socket
import struct
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from PIL import Image

from signage.player.drivers import BaseDriver
from signage.player.drivers.gamma import LevelTable
from signage.player.health import PlayerError
from signage.player.media.images import Size

PORT = 4048
VERSION_1 = 0x40
PUSH = 0x01
RGB_8 = 0x0B
OUTPUT_ID = 1
MAX_DATA_BYTES = 1440
RESEND_INTERVAL = timedelta(seconds=1)
_HEADER = struct.Struct(">BBBBIH")


def split_into_packets(pixels: bytes, sequence: int) -> Iterator[bytes]:
    """Return the packets of one frame."""
    for offset in range(0, len(pixels), MAX_DATA_BYTES):
        data = pixels[offset : offset + MAX_DATA_BYTES]
        flags = VERSION_1 | (PUSH if offset + len(data) == len(pixels) else 0)
        yield _HEADER.pack(flags, sequence, RGB_8, OUTPUT_ID, offset, len(data)) + data


class DdpDriver(BaseDriver):
    """Driver of the controller at ``HOST`` or ``HOST:PORT``."""

    name = "ddp"
    wants_images = True

    def __init__(self, address: str, fps: float, gamma: float) -> None:
        host, _, port = address.partition(":")
        self._address = (host, int(port) if port.isdigit() else PORT)
        self.frame_ms = 1000.0 / fps
        self._level_table = LevelTable(gamma)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        self._sequence = 0
        self._size: Size = (1, 1)
        self._image: Image.Image | None = None
        self._sent_at = datetime.min.replace(tzinfo=UTC)

    def open(self, size: Size) -> None:
        self._size = size

    def show_image(self, image: Image.Image, at: datetime) -> None:
        self._image, self._sent_at = image, at
        self._send()

    def refresh(self, at: datetime) -> None:
        if self._image is not None and not timedelta(0) <= at - self._sent_at < RESEND_INTERVAL:
            self._sent_at = at
            self._send()

    def show_black(self, at: datetime) -> None:
        self.show_image(Image.new("RGB", self._size), at)

    def set_brightness(self, percent: int) -> None:
        if self._level_table.set_brightness(percent) and self._image is not None:
            self._send()

    def close(self, at: datetime) -> None:
        self._socket.close()

    def _send(self) -> None:
        assert self._image is not None
        self._sequence = self._sequence % 15 + 1
        pixels = self._level_table.apply(self._image).tobytes()
        try:
            for packet in split_into_packets(pixels, self._sequence):
                self._socket.sendto(packet, self._address)
        except OSError as error:
            raise PlayerError("driver-failed", self.name) from error
