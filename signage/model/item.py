"""Items: slogans and clips as a campaign uses them."""

from dataclasses import dataclass
from typing import Literal

from signage.model.local_time import LocalOrInstant

Effect = Literal["auto", "still", "scroll", "pages"]
Fit = Literal["contain", "cover", "blur"]


@dataclass(frozen=True, slots=True)
class Style:
    """Style of an item. None: the value of the campaign, else of the configuration, else of the panel.

    *color*, *background* are ``#rrggbb``; *size_px* the height of a character; *px_per_s* the speed of a scroll;
    *fit* how a clip of another aspect ratio is fitted.
    """

    effect: Effect = "auto"
    color: str | None = None
    background: str | None = None
    size_px: int | None = None
    px_per_s: int | None = None
    fit: Fit | None = None


MIN_SLOGAN_MS = 8000
"""Minimum duration of a slogan whose item has no duration."""

DEFAULT_STYLE = Style()
"""No value set."""


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a campaign file. Exactly one of *text*, *file*, *sha256* is given.

    *behind*: id of a picture of the same campaign, the background of the slogan's text. *duration_ms* is the requested
    ``duration_s`` (None: not given); *weight* None: not given, counts as 1.
    """

    id: str
    text: str | None = None
    file: str | None = None
    sha256: str | None = None
    title: str | None = None
    duration_ms: int | None = None
    weight: int | None = None
    tags: tuple[str, ...] = ()
    from_: LocalOrInstant | None = None
    until: LocalOrInstant | None = None
    source: str | None = None
    behind: str | None = None
    look: Style = DEFAULT_STYLE
