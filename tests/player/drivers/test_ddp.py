"""The DDP driver against a receiver written from the protocol's text."""

import socket
import struct

import pytest

from signage.player.drivers.ddp import DdpDriver
from tests.player.drivers.gradient import create_gradient
from tests.support.player_harness import NOON, create_duration


class Receiver:
    """A DDP display: collects packets into a frame and shows it at PUSH."""

    def __init__(self, size: tuple[int, int]) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(5)
        self.port = self.socket.getsockname()[1]
        self.buffer = bytearray(size[0] * size[1] * 3)
        self.sequences: list[int] = []

    def frame(self) -> bytes:
        while True:
            packet = self.socket.recv(2000)
            flags, sequence, kind, target = packet[:4]
            offset, length = struct.unpack(">IH", packet[4:10])
            assert flags & 0xC0 == 0x40 and kind == 0x0B and target == 1
            assert len(packet) - 10 == length <= 1440
            self.buffer[offset : offset + length] = packet[10:]
            if flags & 1:
                self.sequences.append(sequence)
                return bytes(self.buffer)


@pytest.mark.parametrize("size", [(192, 64), (96, 16), (480, 1), (7, 3)])
def test_a_ddp_display_receives_the_pixels(size):
    receiver = Receiver(size)
    driver = DdpDriver(f"127.0.0.1:{receiver.port}", 40, 1.0)
    driver.open(size)
    image = create_gradient(size)
    for n in range(20):
        driver.show_image(image.rotate(n), NOON)
        assert receiver.frame() == image.rotate(n).tobytes()
    assert receiver.sequences == [*range(1, 16), *range(1, 6)]
    driver.refresh(NOON)
    driver.refresh(NOON + create_duration(1.1))
    assert receiver.frame() == image.rotate(19).tobytes()
    driver.set_brightness(50)
    assert max(receiver.frame()) == 128
    driver.show_black(NOON)
    assert not any(receiver.frame())
    driver.close(NOON)
