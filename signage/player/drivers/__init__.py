"""The faces of panels: one small interface, so that a roof box, a window and a folder of frames are exchangeable.

A driver is given either pictures (``pixels``) or turns of items, which it then draws by itself.
"""

from datetime import datetime
from pathlib import Path
from typing import Protocol

from msgspec import Struct
from PIL import Image

from signage.player.media.images import Size
from signage.protocol.playlist import PlaylistMedia


class ItemStart(Struct, frozen=True):
    """An item begins, *elapsed_ms* into it."""

    item: str
    path: Path
    media: PlaylistMedia
    elapsed_ms: int
    at: datetime


class Driver(Protocol):
    """One panel. Calls come from one thread. Any of them may raise Trouble("driver-failed")."""

    name: str
    wants_images: bool
    """Whether it wants pictures; else it is told of turns alone."""
    frame_ms: float
    """The time of one of its frames."""

    def can_play(self, media: PlaylistMedia) -> bool: ...
    def open(self, size: Size) -> None: ...
    def start_item(self, turn: ItemStart) -> None: ...
    def show_image(self, image: Image.Image, at: datetime) -> None: ...
    def refresh(self, at: datetime) -> None:
        """Nothing has changed; called now and then."""

    def show_black(self, at: datetime) -> None: ...
    def set_brightness(self, percent: int) -> None: ...
    def take_snapshot(self) -> Image.Image | None:
        """What is on the panel, from a driver that draws by itself; called from another thread."""

    def close(self, at: datetime) -> None: ...


class BaseDriver:
    """A driver that does nothing yet: what the others begin with."""

    name = "null"
    wants_images = False
    frame_ms = 1000.0

    def can_play(self, media: PlaylistMedia) -> bool:
        return media.type in PLAYABLE_TYPES

    def open(self, size: Size) -> None:
        return

    def start_item(self, turn: ItemStart) -> None:
        return

    def show_image(self, image: Image.Image, at: datetime) -> None:
        return

    def refresh(self, at: datetime) -> None:
        return

    def show_black(self, at: datetime) -> None:
        return

    def set_brightness(self, percent: int) -> None:
        return

    def take_snapshot(self) -> Image.Image | None:
        return None

    def close(self, at: datetime) -> None:
        return


PLAYABLE_TYPES = frozenset({"image/png", "image/jpeg", "image/webp", "image/gif", "video/mp4", "video/webm"})
