"""A fleet as a CSV file: read with every fault and its row, and written.

Columns ``id,kind,panel,groups,tags,unit,timezone`` (``id``, ``kind`` and ``panel`` must be there; several values in one
cell with ``;``), and if wished ``default``, ``position`` (``lon;lat``), ``hours`` (``06:00-23:00``) and ``brightness``
(``sunset=40``). UTF-8 with or without a BOM, or GB 18030 as Chinese spreadsheets write it;
cells that were defused for a spreadsheet are read as what they were.
"""

import csv
import io
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import TypeVar

from signage.faults import Fault, FaultLocation, Refused
from signage.model import spreadsheet_csv as csvs
from signage.model.screen import BrightnessStep, OperatingHours, Screen, format_sun_time, parse_sun_time
from signage.model.toml.findings import ellipsize, find_closest_match
from signage.services.screens.registry import ScreenEntry, find_duplicates
from signage.services.screens.validation import validate_screen

T = TypeVar("T")
REQUIRED_COLUMNS = ("id", "kind", "panel")
COLUMNS = (*REQUIRED_COLUMNS, "groups", "tags", "unit", "timezone", "default", "position", "hours", "brightness")


def parse_screens_csv(
    name: str, data: bytes, timezone: str, panels: Collection[str] | None = None
) -> list[ScreenEntry]:
    """The screens of a file called *name*; *timezone* is for rows that name none. Raises Refused with all faults.

    Beside cells that cannot be read, what is wrong with the facts of all rows is told too, where *panels* are known:
    else a person who mends the one would meet the other only after it.
    """
    rows = csv.reader(io.StringIO(_decode(name, data), newline=""), strict=True)
    entries: list[ScreenEntry] = []
    faults: list[Fault] = []
    try:
        heads = _parse_header(name, next(rows, []))
        for row in rows:
            if not any(cell.strip() for cell in row):
                continue
            place = FaultLocation(name, rows.line_num)
            if any(cell.strip() for cell in row[len(heads) :]):
                faults.append(Fault("error", "csv-cells", place, {"cells": len(row), "columns": len(heads)}))
            screen, found = _parse_row(heads, row, place, timezone)
            entries.append((screen, place))
            faults += found
    except csv.Error as error:
        faults.append(Fault("error", "csv-unreadable", FaultLocation(name, rows.line_num), {"why": str(error)}))
    if not entries and not faults:
        faults.append(Fault("error", "csv-empty", FaultLocation(name)))
    if faults and panels is not None:
        faults += [
            fault for screen, place in entries for fault in validate_screen(screen, panels, place)
        ] + find_duplicates(entries)
    if faults:
        raise Refused(sorted(faults, key=lambda fault: fault.location.line or 0))
    return entries


def format_screens_csv(screens: Iterable[Screen]) -> bytes:
    """The same columns, for a spreadsheet; :func:`read` gives the same screens back."""
    return b"".join(csvs.iter_csv_bytes(COLUMNS, map(_format_cells, screens)))


def _format_cells(screen: Screen) -> tuple[str, ...]:
    return (
        *(screen.id, screen.kind, screen.panel, ";".join(screen.groups), ";".join(screen.tags)),
        *(screen.unit or "", screen.timezone, screen.default_campaign or ""),
        "" if screen.position is None else ";".join(map(str, screen.position)),
        ";".join(f"{format_sun_time(h.from_)}-{format_sun_time(h.until)}" for h in screen.hours),
        ";".join(f"{format_sun_time(b.from_)}={b.percent}" for b in screen.brightness),
    )


def parse_position(text: str) -> tuple[float, float]:
    """``lon,lat`` or ``lon;lat`` in degrees. Raises ValueError."""
    lon, lat = text.replace(";", ",").split(",")
    return float(lon), float(lat)


def parse_hours(text: str) -> OperatingHours:
    """``06:00-23:00``, ``sunrise-sunset``. Raises ValueError."""
    begin, end = text.split("-")
    return OperatingHours(parse_sun_time(begin.strip()), parse_sun_time(end.strip()))


def parse_brightness(text: str) -> BrightnessStep:
    """``sunset=40``: from then on 40 %. Raises ValueError."""
    at, percent = text.split("=")
    return BrightnessStep(parse_sun_time(at.strip()), int(percent.strip().removesuffix("%")))


def _decode(name: str, data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refused([Fault("error", "csv-encoding", FaultLocation(name))])


def _parse_header(name: str, row: Sequence[str]) -> list[str]:
    heads = [cell.strip().lower() for cell in row]
    place = FaultLocation(name, 1)
    faults = [_create_unknown_column_fault(head, place) for head in heads if head not in COLUMNS]
    faults += [Fault("error", "csv-column-missing", place, {"column": c}) for c in REQUIRED_COLUMNS if c not in heads]
    faults += [Fault("error", "csv-column-twice", place, {"column": c}) for c in COLUMNS if heads.count(c) > 1]
    if faults:
        raise Refused(faults)
    return heads


def _create_unknown_column_fault(head: str, place: FaultLocation) -> Fault:
    facts = {"column": ellipsize(head), "columns": ", ".join(COLUMNS)}
    close = find_closest_match(head, COLUMNS)
    if close is None:
        return Fault("error", "csv-column-unknown-far", place, facts)
    return Fault("error", "csv-column-unknown", place, {**facts, "nearest": close})


def _parse_row(
    heads: Sequence[str], row: Sequence[str], place: FaultLocation, timezone: str
) -> tuple[Screen, list[Fault]]:
    cells = {head: csvs.unescape_cell(cell.strip()) for head, cell in zip(heads, row, strict=False) if cell.strip()}
    faults: list[Fault] = []

    position = _parse_values(
        faults, place, "position", [cells["position"]] if "position" in cells else [], parse_position
    )
    screen = Screen(
        id=cells.get("id", ""),
        kind=cells.get("kind", ""),
        panel=cells.get("panel", ""),
        timezone=cells.get("timezone", timezone),
        groups=_split_values(cells.get("groups", "")),
        tags=_split_values(cells.get("tags", "")),
        unit=cells.get("unit"),
        position=position[0] if position else None,
        hours=_parse_values(faults, place, "hours", _split_values(cells.get("hours", "")), parse_hours),
        brightness=_parse_values(
            faults, place, "brightness", _split_values(cells.get("brightness", "")), parse_brightness
        ),
        default_campaign=cells.get("default"),
    )
    return screen, faults


def _parse_values(
    faults: list[Fault], place: FaultLocation, key: str, values: Iterable[str], parse: Callable[[str], T]
) -> tuple[T, ...]:
    found = []
    for value in values:
        try:
            found.append(parse(value))
        except ValueError:
            faults.append(
                Fault(
                    "error", f"{key}-unreadable", FaultLocation(place.file, place.line, key), {"text": ellipsize(value)}
                )
            )
    return tuple(found)


def _split_values(cell: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word.strip() for word in cell.split(";") if word.strip()))
