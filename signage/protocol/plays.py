"""Proof of play on the wire: the player's batches and the server's acknowledgement."""

from typing import Annotated, Literal, get_args, get_type_hints

from msgspec import Meta, Struct
from msgspec.structs import fields

PlayResult = Literal["completed", "cut", "skipped", "failed", "preempted"]
PLAY_RESULTS: tuple[PlayResult, ...] = get_args(PlayResult)
SHOWN_RESULTS: tuple[PlayResult, ...] = ("completed", "cut")
"""The results of a play whose ``duration_ms`` the panel showed."""

MAX_BATCH_PLAYS = 1000
MAX_BATCH_BYTES = 1 << 20
MAX_SAFE_INTEGER = 2**53 - 1
"""The largest integer that every JSON reader represents exactly."""

Count = Annotated[int, Meta(ge=0, le=MAX_SAFE_INTEGER)]
ScalarType = type[str] | type[int] | type[float]


class Play(Struct, frozen=True, omit_defaults=True):
    """One item shown once. This is the one place to add a field of a play: a new one is optional, ``None`` by default.

    *started_at*: RFC 3339 with offset, read from the player's clock. *area*, *cell*, *fix_age_s*: position of a moving
    screen and the age of its fix in seconds. *live_ms*, *fallback_ms*: parts of a live item's time that showed the
    stream and the fallback.
    """

    seq: Count
    item: str
    sha256: str
    serial: Annotated[int, Meta(ge=-MAX_SAFE_INTEGER, le=MAX_SAFE_INTEGER)]
    started_at: str
    duration_ms: Count
    result: PlayResult
    area: str | None = None
    cell: str | None = None
    fix_age_s: Annotated[float, Meta(ge=0, le=MAX_SAFE_INTEGER)] | None = None
    live_ms: Count | None = None
    fallback_ms: Count | None = None


def get_scalar_types(record: type[Struct]) -> dict[str, ScalarType]:
    """Return field name → str, int or float of a record of plays; what is neither number is ``str``."""
    types: dict[str, ScalarType] = {}
    for name, hint in get_type_hints(record).items():
        members = (hint, *get_args(hint))
        types[name] = int if int in members else float if float in members else str
    return types


OPTIONAL_FIELDS = tuple(field.name for field in fields(Play) if not field.required)
"""The fields that a play may lack."""


class PlayBatchMessage(Struct, frozen=True, omit_defaults=True):
    """A batch: plays of one *run*, and ranges of sequence numbers that the player has lost."""

    plays: tuple[Play, ...]
    run: str = ""
    lost: tuple[tuple[int, int], ...] = ()


class PlayRejection(Struct, frozen=True):
    """A rejected record. *seq* None: not even its number could be read."""

    seq: int | None
    why: str


class PlayAcknowledgement(Struct, frozen=True):
    """The response, sent once the whole batch is durable."""

    acknowledged_through: int
    stored: int
    duplicates: int
    rejected: tuple[PlayRejection, ...]
