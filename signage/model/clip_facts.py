"""Technical facts of a clip, as the probe job measured them."""

from typing import Literal

import msgspec

ClipKind = Literal["picture", "animation", "film"]


class ClipFacts(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Format, size and length of a clip. The JSON of this value is stored in the database and must not change.

    *width*, *height*: pixels after rotation, with square pixels. *duration_ms*: length of a film's picture track, or of
    one round of an animation; None for a picture. *rate*: frames per second as a fraction, None where uneven.
    *quarters*, *mirrored*: the rotation that a film's display matrix asks for. *audio*: name of the audio codec.
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
