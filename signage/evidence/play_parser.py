"""What a screen posts, read as plays (contract, "Plays").

1. A body that is not JSON, or whose outermost shape is not that of a batch, is refused whole and stores nothing.
2. One record that cannot be read as a play never stands in the way of the others: it is set apart with its bytes.
3. Not readable as a play: a field is missing or of another kind, the time has no offset or is no time, the length is
   negative, the result is none of the four. Everything else was shown and is kept: unknown items, the far future, 1970.
4. At most 1,000 plays and 1 MiB.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, NamedTuple

import msgspec
from msgspec import Meta, Struct

from signage.faults import Refused, refuse
from signage.messages import render_message
from signage.protocol.epoch import to_ms
from signage.protocol.plays import MAX_BATCH_BYTES, MAX_BATCH_PLAYS, PlayResult
from signage.store.plays.plays import ReceivedPlay

MAX_RUN_LENGTH = 200
MAX_SAFE_INTEGER = 2**53 - 1
"""The highest number that every reader of JSON keeps exact."""

_LEAP_SECOND = re.compile(r"(.*T\d\d:\d\d):60((?:\.\d+)?[Z+-].*)\Z")
_RESULTS = ("completed", "cut", "skipped", "failed")
_Number = Annotated[int, Meta(ge=0, le=MAX_SAFE_INTEGER)]


class UnreadableRecord(NamedTuple):
    """A record that cannot be read as a play. *seq* None: not even its number could be read."""

    seq: int | None
    why: str
    bytes: bytes


@dataclass(frozen=True, slots=True)
class PlayBatch:
    """What one body holds."""

    run: str
    records: tuple[ReceivedPlay, ...]
    unreadable: tuple[UnreadableRecord, ...]
    lost: tuple[tuple[int, int], ...]
    body: bytes

    def get_record_bytes(self, record: ReceivedPlay) -> bytes:
        """The bytes of *record*, as they came."""
        for raw in _lenient_decoder.decode(self.body).plays:
            if _parse_record(bytes(raw)) == record:
                return bytes(raw)
        raise KeyError(record.seq)


class _WirePlay(Struct):
    seq: _Number
    item: str
    sha256: str
    serial: Annotated[int, Meta(ge=-MAX_SAFE_INTEGER, le=MAX_SAFE_INTEGER)]
    started_at: str
    duration_ms: _Number
    result: PlayResult


class _StrictBody(Struct):
    plays: list[_WirePlay]
    run: Annotated[str, Meta(max_length=MAX_RUN_LENGTH)] = ""
    lost: list[tuple[_Number, _Number]] = []


class _LenientBody(Struct):
    plays: list[msgspec.Raw] = []
    run: str = ""
    lost: list[msgspec.Raw] = []


_strict_decoder = msgspec.json.Decoder(_StrictBody)
_lenient_decoder = msgspec.json.Decoder(_LenientBody)


def parse_batch(body: bytes) -> PlayBatch:
    """Read a body. Raises Refused where it is refused whole (1, 4)."""
    if len(body) > MAX_BATCH_BYTES:
        raise refuse("plays-too-large", "body", bytes=len(body), most=MAX_BATCH_BYTES)
    try:
        batch = _strict_decoder.decode(body)
        if len(batch.plays) <= MAX_BATCH_PLAYS and all(first <= last for first, last in batch.lost):
            records = tuple([_convert_play(play) for play in batch.plays])
            return PlayBatch(batch.run, records, (), tuple(batch.lost), body)
    except (ValueError, OverflowError, RecursionError):
        pass
    return _parse_leniently(body)


def _convert_play(play: _WirePlay) -> ReceivedPlay:
    started = datetime.fromisoformat(play.started_at)
    if started.tzinfo is None:
        raise ValueError("no offset")
    return ReceivedPlay(
        play.seq,
        play.item,
        play.sha256,
        play.serial,
        play.started_at,
        to_ms(started),
        play.duration_ms,
        play.result,
    )


def _parse_leniently(body: bytes) -> PlayBatch:
    try:
        outer = _lenient_decoder.decode(body)
        found = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    except (ValueError, RecursionError) as error:
        raise refuse("plays-unreadable", "body", why=str(error)) from error
    if not ({"plays", "lost"} & found.keys()):
        raise refuse("plays-unreadable", "body", why="there is neither `plays` nor `lost`")
    if len(outer.plays) > MAX_BATCH_PLAYS:
        raise refuse("plays-too-many", "plays", plays=len(outer.plays), most=MAX_BATCH_PLAYS)
    if len(outer.run) > MAX_RUN_LENGTH:
        raise refuse("plays-unreadable", "run", why=f"`run` is longer than {MAX_RUN_LENGTH} characters")
    records: list[ReceivedPlay] = []
    unread: list[UnreadableRecord] = []
    for raw in outer.plays:
        read_one = _parse_record(bytes(raw))
        (records if isinstance(read_one, ReceivedPlay) else unread).append(read_one)  # type: ignore[arg-type]
    lost: list[tuple[int, int]] = []
    for raw in outer.lost:
        span = _parse_range(bytes(raw))
        if span is None:
            unread.append(UnreadableRecord(None, render_message("play-lost-range", "en", {}), bytes(raw)))
        else:
            lost.append(span)
    return PlayBatch(outer.run, tuple(records), tuple(unread), tuple(lost), body)


def _parse_record(raw: bytes) -> ReceivedPlay | UnreadableRecord:
    try:
        value = msgspec.json.decode(raw)
    except (ValueError, RecursionError) as error:
        return UnreadableRecord(None, render_message("play-not-json", "en", {"why": error}), raw)
    if not isinstance(value, dict):
        return UnreadableRecord(None, render_message("play-not-object", "en", {}), raw)
    seq = _parse_whole_number(value.get("seq"))
    if seq is None or not 0 <= seq <= MAX_SAFE_INTEGER:
        return UnreadableRecord(None, render_message("play-seq", "en", {}), raw)
    try:
        return _parse_fields(seq, value)
    except Refused as refused:
        fault = refused.faults[0]
        return UnreadableRecord(seq, render_message(fault.code, "en", dict(fault.facts)), raw)


def _parse_fields(seq: int, value: Mapping[str, object]) -> ReceivedPlay:
    for name in ("item", "sha256", "started_at", "result"):
        text = value.get(name)
        if not isinstance(text, str):
            raise refuse("play-not-text", name, field=name)
        if not text.isprintable() and not _is_storable(text):
            raise refuse("play-not-text", name, field=name)
    serial, duration = _parse_whole_number(value.get("serial")), _parse_whole_number(value.get("duration_ms"))
    if serial is None or abs(serial) > MAX_SAFE_INTEGER:
        raise refuse("play-serial", "serial")
    if duration is None or not 0 <= duration <= MAX_SAFE_INTEGER:
        raise refuse("play-duration", "duration_ms", duration=value.get("duration_ms"))
    if value["result"] not in _RESULTS:
        raise refuse("play-result", "result", result=value["result"])
    started_at = str(value["started_at"])
    return ReceivedPlay(
        seq,
        str(value["item"]),
        str(value["sha256"]),
        serial,
        started_at,
        parse_started_ms(started_at),
        duration,
        str(value["result"]),
    )


def parse_started_ms(text: str) -> int:
    """Milliseconds since 1970 of an RFC 3339 time with offset; a leap second is the second after. Raises Refused."""
    plain = text.strip().upper()
    leap = _LEAP_SECOND.match(plain)
    try:
        at = datetime.fromisoformat(f"{leap[1]}:59{leap[2]}" if leap else plain)
    except ValueError:
        raise refuse("play-time", "started_at", time=text[:80]) from None
    if at.tzinfo is None:
        raise refuse("play-no-offset", "started_at", time=text[:80])
    return to_ms(at) + (1000 if leap else 0)


def _is_storable(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _parse_whole_number(value: object) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) else None


def _parse_range(raw: bytes) -> tuple[int, int] | None:
    try:
        value = msgspec.json.decode(raw)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, list) or len(value) != 2:
        return None
    first, last = _parse_whole_number(value[0]), _parse_whole_number(value[1])
    if first is None or last is None or not 0 <= first <= last <= MAX_SAFE_INTEGER:
        return None
    return first, last
