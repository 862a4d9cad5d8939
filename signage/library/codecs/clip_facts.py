"""What is known of a clip, as looking at it found it."""

from typing import Literal

import msgspec

ClipKind = Literal["picture", "animation", "film"]


class ClipFacts(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What is known of a clip. *width*, *height*: upright, with square pixels; *duration_ms*: a film's picture track,
    or one round of an animation; *rate*: frames a second as a fraction, None where they are uneven.
    """

    kind: ClipKind
    format: str
    type: str
    ending: str
    width: int
    height: int
    duration_ms: int | None = None
    frames: int = 1
    rate: tuple[int, int] | None = None
    codec: str | None = None
    pix_fmt: str | None = None
    quarters: int = 0
    mirrored: bool = False
    audio: str | None = None
    transparent: bool = False
