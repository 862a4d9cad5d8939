"""Proof of play on the wire: the player's batches and the server's acknowledgement."""

from typing import Literal

from msgspec import Struct

PlayResult = Literal["completed", "cut", "skipped", "failed"]
MAX_BATCH_PLAYS = 1000
MAX_BATCH_BYTES = 1 << 20


class Play(Struct, frozen=True):
    """One item shown once. *started_at* is RFC 3339 with an offset, by the player's clock."""

    seq: int
    item: str
    sha256: str
    serial: int
    started_at: str
    duration_ms: int
    result: PlayResult


class PlayBatchMessage(Struct, frozen=True, omit_defaults=True):
    """A batch: plays of one *run*, and ranges of numbers that the player can never send."""

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
