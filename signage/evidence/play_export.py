"""Formats judged plays for people and other programs: JSON for CLI and API, rows of CSV. Columns are the fields."""

from datetime import UTC, datetime, tzinfo
from typing import Any, TypeVar, cast

from msgspec import Struct, defstruct
from msgspec.structs import fields

from signage.evidence.archive_files import COLUMNS, JudgedPlay
from signage.protocol.epoch import from_ms
from signage.protocol.plays import OPTIONAL_FIELDS, Play

View = TypeVar("View", bound=Struct)
TIME_COLUMNS = {"corrected_at": "corrected_ms", "received_at": "received_ms"}
_INTERNAL_COLUMNS = ("run_id", "started_ms")
CSV_COLUMNS = tuple(
    {ms: at for at, ms in TIME_COLUMNS.items()}.get(name, name) for name in COLUMNS if name not in _INTERNAL_COLUMNS
)
"""The header of a CSV of plays: the columns of the archive, times as RFC 3339."""


def order_fields(view: type[View]) -> type[View]:
    """Rebuild a view with its fields, and so the keys of its JSON, in the order of CSV_COLUMNS."""
    by_name = {field.name: field for field in fields(view)}
    ordered = [
        (name, field.type) if field.required else (name, field.type, field.default)
        for name in CSV_COLUMNS
        if (field := by_name.get(name)) is not None
    ]
    names: dict[str, Any] = {"module": view.__module__, "namespace": {"__doc__": view.__doc__}}
    rebuilt = defstruct(view.__name__, ordered, frozen=True, kw_only=True, omit_defaults=True, **names)
    return cast(type[View], rebuilt)


@order_fields
class PlayView(Play, frozen=True, kw_only=True, omit_defaults=True):
    """A play as printed by ``signage plays --json``; fields that the play lacks are left out."""

    run: str
    corrected_at: datetime
    received_at: datetime
    flags: tuple[str, ...]
    verdict: str


@order_fields
class ScreenPlayView(PlayView, frozen=True, kw_only=True, omit_defaults=True):
    """A play as listed by ``GET /api/v1/plays``."""

    screen: str


def get_view_fields(play: JudgedPlay, zone: tzinfo) -> dict[str, object]:
    """Return CSV column → value of a play; the server's times have the offset of *zone*."""
    return {
        name: from_ms(getattr(play, TIME_COLUMNS[name])).astimezone(zone)
        if name in TIME_COLUMNS
        else getattr(play, name)
        for name in CSV_COLUMNS
    }


def create_play_view(play: JudgedPlay, zone: tzinfo = UTC) -> PlayView:
    """Return a play for the JSON of the command."""
    return PlayView(**_get_values(PlayView, play, zone))


def create_screen_play_view(play: JudgedPlay, zone: tzinfo = UTC) -> ScreenPlayView:
    """Return a play for the JSON of the API."""
    return ScreenPlayView(**_get_values(ScreenPlayView, play, zone))


def _get_values(view: type[PlayView], play: JudgedPlay, zone: tzinfo) -> dict[str, Any]:
    values = get_view_fields(play, zone)
    return {name: values[name] for name in view.__struct_fields__}


def format_csv_row(play: JudgedPlay, zone: tzinfo = UTC) -> tuple[object, ...]:
    """Return a play as a row below CSV_COLUMNS."""
    return tuple(_format_cell(value) for value in get_view_fields(play, zone).values())


def _format_cell(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds")
    return " ".join(value) if isinstance(value, tuple) else value


def list_details(play: JudgedPlay | PlayView) -> list[tuple[str, object]]:
    """List (field, value) of the optional fields that a play has."""
    return [(name, value) for name in OPTIONAL_FIELDS if (value := getattr(play, name)) is not None]
