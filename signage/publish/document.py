"""The playlist document from what was planned: pure, and the same bytes on every machine.

A document is a head (screen, serial, issued_at) and a tail (all the rest). Screens of the same panel, facts and
targeting share one tail, so that a city's playlists are a few hundred tails and a short head each.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from signage.protocol.playlist import (
    PLAYLIST_FORMAT,
    BrightnessChange,
    Loop,
    Playlist,
    PlaylistItem,
    PlaylistPanel,
    Program,
    decode_playlist,
)


@dataclass(frozen=True, slots=True)
class BodyProgram:
    """A program as the schedule plans it: *entries* None is dark by order. Instants are UTC.

    *takeover_id* names the takeover that the program shows; the document itself says it only in *why*.
    """

    from_: datetime
    until: datetime
    entries: tuple[str, ...] | None
    phase_ms: int
    why: str
    takeover_id: str | None = None


@dataclass(frozen=True, slots=True)
class PlaylistBody:
    """What a group of equal screens shows from a local midnight until *expires_at*."""

    timezone: str
    panel: PlaylistPanel
    expires_at: datetime
    programs: tuple[BodyProgram, ...]
    items: Mapping[str, PlaylistItem]
    brightness: tuple[tuple[datetime, int], ...]
    fallback: tuple[str, ...]


class _Header(Struct, frozen=True):
    format: str
    screen: str
    serial: int
    issued_at: datetime


class _SharedBody(Struct, frozen=True):
    expires_at: datetime
    timezone: str
    poll_seconds: int
    panel: PlaylistPanel
    items: Mapping[str, PlaylistItem]
    loops: Mapping[str, Loop]
    programs: tuple[Program, ...]
    brightness: tuple[BrightnessChange, ...]
    fallback: tuple[str, ...]


def encode_header(screen: str, serial: int, issued_at: datetime, zone: ZoneInfo) -> bytes:
    """The part of a document that is its screen's own."""
    return msgspec.json.encode(_Header(PLAYLIST_FORMAT, screen, serial, issued_at.astimezone(zone)))


def join(head_bytes: bytes, tail_bytes: bytes) -> bytes:
    """The document of a head and a tail."""
    return head_bytes[:-1] + b"," + tail_bytes[1:]


def hash_shared_body(tail_bytes: bytes) -> str:
    """The name of a tail: the sha256 of its bytes."""
    return hashlib.sha256(tail_bytes).hexdigest()


def compute_etag(head_bytes: bytes, tail_digest: str) -> str:
    """The strong validator of a document, quoted: equal only where all its bytes are."""
    return f'"{hashlib.sha256(head_bytes + tail_digest.encode()).hexdigest()[:32]}"'


def compute_loop_name(entries: tuple[str, ...], items: Mapping[str, PlaylistItem]) -> str:
    """The name of a loop, derived from what it holds: its items and their lengths."""
    held = [[name, items[name].duration_ms] for name in entries]
    return hashlib.sha256(msgspec.json.encode(held)).hexdigest()[:16]


def find_program_index(body: PlaylistBody, issued_at: datetime) -> int:
    """The index of the program that holds *issued_at*; IndexError outside the body."""
    for index, planned in enumerate(body.programs):
        if planned.from_ <= issued_at < planned.until:
            return index
    raise IndexError(issued_at)


def get_takeover_ends(body: PlaylistBody, issued_at: datetime) -> Mapping[str, datetime]:
    """Return takeover id → the end of its last program in a document issued at *issued_at*."""
    ends: dict[str, datetime] = {}
    for program in body.programs[find_program_index(body, issued_at) :]:
        if program.takeover_id is not None:
            ends[program.takeover_id] = program.until  # programs are in order of time
    return ends


def encode_shared_body(body: PlaylistBody, issued_at: datetime, poll_seconds: int) -> bytes:
    """The tail of a document issued at *issued_at*: its first program holds that instant."""
    zone = ZoneInfo(body.timezone)
    planned = body.programs[find_program_index(body, issued_at) :]
    loops: dict[str, Loop] = {}
    programs = []
    for one in planned:
        name = None
        if one.entries is not None:
            name = compute_loop_name(one.entries, body.items)
            loops[name] = Loop(sum(body.items[i].duration_ms for i in one.entries), one.entries)
        programs.append(Program(one.from_.astimezone(zone), one.until.astimezone(zone), name, one.phase_ms, one.why))
    used = dict.fromkeys(name for loop in loops.values() for name in loop.items)
    used.update(dict.fromkeys(body.fallback))
    return msgspec.json.encode(
        _SharedBody(
            body.expires_at.astimezone(zone),
            body.timezone,
            poll_seconds,
            body.panel,
            {name: body.items[name] for name in sorted(used)},
            dict(sorted(loops.items())),
            tuple(programs),
            _select_brightness(body, issued_at, zone),
            body.fallback,
        )
    )


def _select_brightness(body: PlaylistBody, issued_at: datetime, zone: ZoneInfo) -> tuple[BrightnessChange, ...]:
    """The steps from the one that holds at *issued_at* on; always at least one."""
    past = [step for step in body.brightness if step[0] <= issued_at]
    steps = [*past[-1:], *(step for step in body.brightness if step[0] > issued_at)]
    return tuple(BrightnessChange(at.astimezone(zone), percent) for at, percent in steps)


def decode_document(head_bytes: bytes, tail_bytes: bytes) -> Playlist:
    """The document as a value."""
    return decode_playlist(join(head_bytes, tail_bytes))


def is_equivalent_from(old_tail: bytes, new_tail: bytes, now: datetime) -> bool:
    """Whether two tails show the same from *now* until the earlier end of the two: only the past differs."""
    return old_tail == new_tail or _normalize_from(old_tail, now) == _normalize_from(new_tail, now)


def _normalize_from(tail_bytes: bytes, now: datetime) -> object:
    """What a tail says from *now* on, with the position in the loop rather than the program's beginning."""
    told = msgspec.json.decode(tail_bytes, type=_SharedBody)
    programs = []
    used: set[str] = set(told.fallback)
    for program in told.programs:
        if program.until <= now:
            continue
        begin = max(program.from_, now)
        phase = program.phase_ms
        if program.loop is not None:
            loop = told.loops[program.loop]
            passed = int((begin - program.from_).total_seconds() * 1000)
            phase = (phase + passed) % loop.loop_ms
            used.update(loop.items)
        programs.append((begin, program.until, program.loop, phase, program.why))
    steps = [(max(step.from_, now), step.percent) for step in told.brightness]
    bright = [s for n, s in enumerate(steps) if n + 1 == len(steps) or steps[n + 1][0] > now]
    items = {name: told.items[name] for name in sorted(used)}
    return (told.expires_at, told.timezone, told.poll_seconds, told.panel, items, programs, bright, told.fallback)
