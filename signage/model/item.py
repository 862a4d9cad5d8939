"""Items: slogans and clips as a campaign uses them."""

from dataclasses import dataclass
from typing import Literal

from signage.model.local_time import LocalOrInstant

Effect = Literal["auto", "still", "scroll", "pages"]
Fit = Literal["contain", "cover", "blur"]


@dataclass(frozen=True, slots=True)
class Style:
    """How an item looks. None: what the campaign, then the configuration, then the panel says.

    *color*, *background* are ``#rrggbb``; *size_px* the height of a character; *px_per_s* the speed of a scroll;
    *fit* how a clip of another shape is fitted.
    """

    effect: Effect = "auto"
    color: str | None = None
    background: str | None = None
    size_px: int | None = None
    px_per_s: int | None = None
    fit: Fit | None = None


MIN_SLOGAN_MS = 8000
"""How long a slogan shows at least where its item gives no duration."""

DEFAULT_STYLE = Style()
"""Nothing said."""


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a campaign file. Exactly one of *text*, *file*, *sha256* is given.

    *behind*: the id of a picture of the same campaign over which a slogan's text stands. *duration_ms* is the
    ``duration_s`` as asked (None: not given); *weight* None: not given, counts as 1.
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
