"""Panel drivers: one interface for roof panels, windows and folders of frames.

A driver receives either images (``wants_images``) or the start of each item, which it then renders itself.
"""

from datetime import datetime
from pathlib import Path
from typing import Protocol

from msgspec import Struct
from PIL import Image

from signage.player.media.images import Size
from signage.protocol.playlist import PlaylistMedia


class ItemStart(Struct, frozen=True):
    """An item starts, *elapsed_ms* into it."""

    item: str
    path: Path
    media: PlaylistMedia
    elapsed_ms: int
    at: datetime


class Driver(Protocol):
    """Interface of one panel. Calls come from one thread; each may raise PlayerError("driver-failed")."""

    name: str
    wants_images: bool
    """Whether the driver takes images; otherwise it only gets the start of each item."""
    frame_ms: float
    """Duration of one frame."""

    def can_play(self, media: PlaylistMedia) -> bool: ...
    def open(self, size: Size) -> None: ...
    def start_item(self, item_start: ItemStart) -> None: ...
    def show_image(self, image: Image.Image, at: datetime) -> None: ...
    def refresh(self, at: datetime) -> None:
        """Called now and then while the image does not change."""

    def show_black(self, at: datetime) -> None: ...
    def set_brightness(self, percent: int) -> None: ...
    def take_snapshot(self) -> Image.Image | None:
        """Return the current image of a driver that renders by itself; called from another thread."""

    def close(self, at: datetime) -> None: ...


class BaseDriver:
    """Base class with empty methods."""

    name = "null"
    wants_images = False
    frame_ms = 1000.0

    def can_play(self, media: PlaylistMedia) -> bool:
        return media.type in PLAYABLE_TYPES

    def open(self, size: Size) -> None:
        return

    def start_item(self, item_start: ItemStart) -> None:
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
