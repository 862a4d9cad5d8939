"""Parses the body of ``POST plays`` (contract, "Plays").

1. A body that is not JSON, or not an object of the batch's shape, is refused as a whole and stores nothing.
2. A record that cannot be read as a play does not block the others: it is set aside with its bytes.
3. Unreadable as a play: a field missing or of another type, a time that is invalid or has no offset, a negative
   duration, an unknown result. Everything else was shown and is stored: unknown items, the far future, 1970.
4. At most 1,000 plays and 1 MiB.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, NamedTuple

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import asdict, fields

from signage.faults import Refused, refuse
from signage.messages import render_message
from signage.model.line_text import clean_line
from signage.protocol.epoch import to_ms
from signage.protocol.plays import (
    MAX_BATCH_BYTES,
    MAX_BATCH_PLAYS,
    MAX_SAFE_INTEGER,
    PLAY_RESULTS,
    Count,
    Play,
    get_scalar_types,
)
from signage.store.plays.plays import ReceivedPlay, get_content

MAX_RUN_LENGTH = 200
MAX_REASON_CHARS = 300
_LEAP_SECOND = re.compile(r"(.*T\d\d:\d\d):60((?:\.\d+)?[Z+-].*)\Z")
_FIELD_TYPES = get_scalar_types(Play)
_REQUIRED_FIELDS = {field.name for field in fields(Play) if field.required}


class UnreadableRecord(NamedTuple):
    """A record that cannot be read as a play. *seq* is None where its sequence number is unreadable."""

    seq: int | None
    why: str
    bytes: bytes


@dataclass(frozen=True, slots=True)
class PlayBatch:
    """A parsed body: the plays of one run, the unreadable records and the ranges that the player has lost."""

    run: str
    records: tuple[ReceivedPlay, ...]
    unreadable: tuple[UnreadableRecord, ...]
    lost: tuple[tuple[int, int], ...]
    body: bytes

    def get_record_bytes(self, record: ReceivedPlay) -> bytes:
        """Return the bytes of *record* as received. Raises KeyError."""
        for raw in _lenient_decoder.decode(self.body).plays:
            play = _parse_record(bytes(raw))
            if isinstance(play, Play) and play.seq == record.seq and get_content(play) == get_content(record):
                return bytes(raw)
        raise KeyError(record.seq)


class _StrictBody(Struct):
    plays: list[Play]
    run: Annotated[str, Meta(max_length=MAX_RUN_LENGTH)] = ""
    lost: list[tuple[Count, Count]] = []


class _LenientBody(Struct):
    plays: list[msgspec.Raw] = []
    run: str = ""
    lost: list[msgspec.Raw] = []


_strict_decoder = msgspec.json.Decoder(_StrictBody)
_lenient_decoder = msgspec.json.Decoder(_LenientBody)


def parse_batch(body: bytes, screen: str, received_ms: int) -> PlayBatch:
    """Parse a body that *screen* sent. Raises Refused where it is refused as a whole (1, 4)."""
    if len(body) > MAX_BATCH_BYTES:
        raise refuse("plays-too-large", "body", bytes=len(body), most=MAX_BATCH_BYTES)
    try:
        batch = _strict_decoder.decode(body)
        if len(batch.plays) <= MAX_BATCH_PLAYS and all(first <= last for first, last in batch.lost):
            started = [_convert_started_ms(play.started_at) for play in batch.plays]
            records = tuple(_receive_plays(batch.plays, started, screen, batch.run, received_ms))
            return PlayBatch(batch.run, records, (), tuple(batch.lost), body)
    except (ValueError, OverflowError, RecursionError):
        pass
    return _parse_leniently(body, screen, received_ms)


def _convert_started_ms(started_at: str) -> int:
    started = datetime.fromisoformat(started_at)
    if started.tzinfo is None:
        raise ValueError("no offset")
    return to_ms(started)


def _receive_plays(
    plays: Sequence[Play], started: Sequence[int], screen: str, run: str, received_ms: int
) -> Iterator[ReceivedPlay]:
    for play, started_ms in zip(plays, started, strict=True):
        yield ReceivedPlay(**asdict(play), started_ms=started_ms, received_ms=received_ms, screen=screen, run=run)


def _parse_leniently(body: bytes, screen: str, received_ms: int) -> PlayBatch:
    try:
        outer = _lenient_decoder.decode(body)
        keys = msgspec.json.decode(body, type=dict[str, msgspec.Raw]).keys()
    except (ValueError, RecursionError) as error:
        raise refuse("plays-unreadable", "body", why=str(error)) from error
    if not ({"plays", "lost"} & keys):
        raise refuse("plays-unreadable", "body", why="there is neither `plays` nor `lost`")
    if len(outer.plays) > MAX_BATCH_PLAYS:
        raise refuse("plays-too-many", "plays", plays=len(outer.plays), most=MAX_BATCH_PLAYS)
    if len(outer.run) > MAX_RUN_LENGTH:
        raise refuse("plays-unreadable", "run", why=f"`run` is longer than {MAX_RUN_LENGTH} characters")
    records = [_parse_record(bytes(raw)) for raw in outer.plays]
    plays = [record for record in records if isinstance(record, Play)]
    unreadable = [record for record in records if isinstance(record, UnreadableRecord)]
    started = [parse_started_ms(play.started_at) for play in plays]
    lost: list[tuple[int, int]] = []
    for raw in outer.lost:
        span = _parse_range(bytes(raw))
        if span is None:
            unreadable.append(UnreadableRecord(None, render_message("play-lost-range", "en", {}), bytes(raw)))
        else:
            lost.append(span)
    received = tuple(_receive_plays(plays, started, screen, outer.run, received_ms))
    return PlayBatch(outer.run, received, tuple(unreadable), tuple(lost), body)


def _parse_record(raw: bytes) -> Play | UnreadableRecord:
    try:
        value = msgspec.json.decode(raw)
    except (ValueError, RecursionError) as error:
        return UnreadableRecord(
            None, clean_line(render_message("play-not-json", "en", {"why": error}), MAX_REASON_CHARS), raw
        )
    if not isinstance(value, dict):
        return UnreadableRecord(None, render_message("play-not-object", "en", {}), raw)
    seq = _parse_whole_number(value.get("seq"))
    if seq is None or not 0 <= seq <= MAX_SAFE_INTEGER:
        return UnreadableRecord(None, render_message("play-seq", "en", {}), raw)
    try:
        return _parse_play({**value, "seq": seq})
    except Refused as refused:
        fault = refused.faults[0]
        why = clean_line(render_message(fault.code, "en", dict(fault.facts)), MAX_REASON_CHARS)
        return UnreadableRecord(seq, why, raw)


def _parse_play(record: Mapping[str, object]) -> Play:
    values: dict[str, Any] = {}
    for name, type_ in _FIELD_TYPES.items():
        value = record.get(name)
        if value is not None or name in _REQUIRED_FIELDS:
            values[name] = _parse_text(name, value) if type_ is str else _parse_number(name, value, type_)
    if values["result"] not in PLAY_RESULTS:
        raise refuse("play-result", "result", result=values["result"])
    parse_started_ms(values["started_at"])
    return Play(**values)


def _parse_text(name: str, value: object) -> str:
    if not isinstance(value, str) or not (value.isprintable() or _is_storable(value)):
        raise refuse("play-not-text", name, field=name)
    return value


def _parse_number(name: str, value: object, type_: type) -> int | float:
    number = value if type_ is float and isinstance(value, float) else _parse_whole_number(value)
    least = -MAX_SAFE_INTEGER if name == "serial" else 0
    if number is None or not least <= number <= MAX_SAFE_INTEGER:
        if name == "serial":
            raise refuse("play-serial", name)
        if name == "duration_ms":
            raise refuse("play-duration", name, duration=value)
        raise refuse("play-number", name, field=name)
    return number


def parse_started_ms(text: str) -> int:
    """Return ms since 1970 of an RFC 3339 time with offset; a leap second is the next second. Raises Refused."""
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
