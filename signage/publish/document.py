"""Encodes playlist documents from compiled bodies. Pure: the same bytes on every machine.

A document is a header (screen, serial, issued_at) and a shared body (all the rest). Equivalent screens share one body,
so that the playlists of a city are a few hundred bodies and one short header per screen.
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
    """One program of a body. *entries* None: the screen is dark by order. Instants are UTC.

    *takeover_id*: the takeover that the program shows; in the document it is only part of the text *why*.
    """

    from_: datetime
    until: datetime
    entries: tuple[str, ...] | None
    phase_ms: int
    why: str
    takeover_id: str | None = None


@dataclass(frozen=True, slots=True)
class PlaylistBody:
    """What a group of equivalent screens shows from a local midnight until *expires_at*."""

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
    """Encode the part of a document that differs between equivalent screens."""
    return msgspec.json.encode(_Header(PLAYLIST_FORMAT, screen, serial, issued_at.astimezone(zone)))


def join(header: bytes, shared_body: bytes) -> bytes:
    """Return the document that consists of a header and a shared body."""
    return header[:-1] + b"," + shared_body[1:]


def hash_shared_body(shared_body: bytes) -> str:
    """Return the key of a shared body: the sha256 of its bytes."""
    return hashlib.sha256(shared_body).hexdigest()


def compute_etag(header: bytes, body_sha256: str) -> str:
    """Return the strong ETag of a document, quoted: two documents have the same only if all their bytes are equal."""
    return f'"{hashlib.sha256(header + body_sha256.encode()).hexdigest()[:32]}"'


def compute_loop_name(entries: tuple[str, ...], items: Mapping[str, PlaylistItem]) -> str:
    """Return the name of a loop: a hash of its items and their lengths."""
    lengths = [[name, items[name].duration_ms] for name in entries]
    return hashlib.sha256(msgspec.json.encode(lengths)).hexdigest()[:16]


def find_program_index(body: PlaylistBody, issued_at: datetime) -> int:
    """Return the index of the program that contains *issued_at*. Raises IndexError outside the body."""
    for index, program in enumerate(body.programs):
        if program.from_ <= issued_at < program.until:
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
    """Encode the shared body of documents issued at *issued_at*: its first program contains that instant."""
    zone = ZoneInfo(body.timezone)
    loops: dict[str, Loop] = {}
    programs = []
    for program in body.programs[find_program_index(body, issued_at) :]:
        name = None
        if program.entries is not None:
            name = compute_loop_name(program.entries, body.items)
            loops[name] = Loop(sum(body.items[entry].duration_ms for entry in program.entries), program.entries)
        begin, end = program.from_.astimezone(zone), program.until.astimezone(zone)
        programs.append(Program(begin, end, name, program.phase_ms, program.why))
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
    """Return the brightness changes from the one in effect at *issued_at* on; at least one."""
    past = [change for change in body.brightness if change[0] <= issued_at]
    changes = [*past[-1:], *(change for change in body.brightness if change[0] > issued_at)]
    return tuple(BrightnessChange(at.astimezone(zone), percent) for at, percent in changes)


def decode_document(header: bytes, shared_body: bytes) -> Playlist:
    """Decode the document that consists of a header and a shared body."""
    return decode_playlist(join(header, shared_body))


def is_equivalent_from(old_body: bytes, new_body: bytes, now: datetime) -> bool:
    """Whether two shared bodies show the same from *now* on: they differ in the past only."""
    return old_body == new_body or _normalize_from(old_body, now) == _normalize_from(new_body, now)


def _normalize_from(shared_body: bytes, now: datetime) -> object:
    """Return what a shared body shows from *now* on, each program by its position in the loop at that instant."""
    body = msgspec.json.decode(shared_body, type=_SharedBody)
    programs = []
    used: set[str] = set(body.fallback)
    for program in body.programs:
        if program.until <= now:
            continue
        begin = max(program.from_, now)
        phase = program.phase_ms
        if program.loop is not None:
            loop = body.loops[program.loop]
            elapsed_ms = int((begin - program.from_).total_seconds() * 1000)
            phase = (phase + elapsed_ms) % loop.loop_ms
            used.update(loop.items)
        programs.append((begin, program.until, program.loop, phase, program.why))
    changes = [(max(change.from_, now), change.percent) for change in body.brightness]
    brightness = [c for n, c in enumerate(changes) if n + 1 == len(changes) or changes[n + 1][0] > now]
    items = {name: body.items[name] for name in sorted(used)}
    return (body.expires_at, body.timezone, body.poll_seconds, body.panel, items, programs, brightness, body.fallback)
