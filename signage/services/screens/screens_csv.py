"""Screens as a CSV file: parsed with every fault and its line, and formatted.

Columns ``id,kind,panel,groups,tags,unit,timezone`` (``id``, ``kind`` and ``panel`` are required; several values in one
cell are separated by ``;``), optionally ``name``, ``address``, ``position`` (``lon;lat``), ``default``, ``hours``
(``06:00-23:00``) and ``brightness`` (``sunset=40``); the heads may be Chinese (``CHINESE_HEADS``), and a kind or a
panel may be named by its label. UTF-8 with or without a BOM, or GB 18030 as Chinese spreadsheets write it; cells that
were escaped for a spreadsheet are unescaped.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from signage.faults import Fault, FaultLocation, Refused
from signage.model import spreadsheet_csv
from signage.model.panel import Panel
from signage.model.screen import Screen, format_sun_time
from signage.model.toml.findings import ellipsize, find_closest_match
from signage.services.screens.field_parsers import parse_brightness, parse_hours, parse_position, parse_values
from signage.services.screens.registry import ScreenEntry, find_duplicates
from signage.services.screens.validation import validate_screen

REQUIRED_COLUMNS = ("id", "kind", "panel")
COLUMNS = (
    *(*REQUIRED_COLUMNS, "groups", "tags", "unit", "timezone"),
    *("name", "address", "position", "default", "hours", "brightness"),
)
CHINESE_HEADS = {
    "编号": "id",
    "类型": "kind",
    "屏型": "panel",
    "分组": "groups",
    "标签": "tags",
    "单位": "unit",
    "时区": "timezone",
    "名称": "name",
    "地址": "address",
    "位置": "position",
    "默认活动": "default",
    "开屏时间": "hours",
    "亮度": "brightness",
}


def parse_screens_csv(
    name: str, data: bytes, timezone: str, panels: Mapping[str, Panel], kind_labels: Mapping[str, str]
) -> list[ScreenEntry]:
    """Parse the CSV file *name* with the content *data*; *timezone*: for rows without one. Raises Refused (all faults).

    The values of all rows are validated too when a cell cannot be parsed: a person learns of both at once.
    *kind_labels*: kind → label.
    """
    kinds = {label: kind for kind, label in kind_labels.items()}
    panel_ids = {panel.label: panel.id for panel in panels.values() if panel.label}
    entries: list[ScreenEntry] = []
    faults: list[Fault] = []
    try:
        rows = spreadsheet_csv.iter_csv_rows(data)
        columns = _parse_header(name, next(rows, spreadsheet_csv.CsvRow(1, [])).cells)
        for line, cells in rows:
            if not any(cells):
                continue
            location = FaultLocation(name, line)
            if any(cells[len(columns) :]):
                faults.append(Fault("error", "csv-cells", location, {"cells": len(cells), "columns": len(columns)}))
            screen = _parse_row(columns, cells, location, timezone, faults)
            kind, panel = (kinds.get(screen.kind, screen.kind), panel_ids.get(screen.panel, screen.panel))
            entries.append((replace(screen, kind=kind, panel=panel), location))
    except spreadsheet_csv.CsvEncodingError:
        raise Refused([Fault("error", "csv-encoding", FaultLocation(name))]) from None
    except spreadsheet_csv.CsvSyntaxError as error:
        faults.append(Fault("error", "csv-unreadable", FaultLocation(name, error.line), {"why": str(error)}))
    if not entries and not faults:
        faults.append(Fault("error", "csv-empty", FaultLocation(name)))
    if faults:
        faults += [fault for screen, location in entries for fault in validate_screen(screen, panels, location)]
        faults += find_duplicates(entries)
    if faults:
        raise Refused(sorted(faults, key=lambda fault: fault.location.line or 0))
    return entries


def format_screens_csv(screens: Iterable[Screen]) -> bytes:
    """Format *screens* with all columns, for a spreadsheet; :func:`parse_screens_csv` returns the same screens."""
    return b"".join(spreadsheet_csv.iter_csv_bytes(COLUMNS, map(_format_cells, screens)))


def _format_cells(screen: Screen) -> tuple[str, ...]:
    return (
        *(screen.id, screen.kind, screen.panel, ";".join(screen.groups), ";".join(screen.tags)),
        *(screen.unit or "", screen.timezone, screen.name or "", screen.address or ""),
        "" if screen.position is None else ";".join(map(str, screen.position)),
        screen.default_campaign or "",
        ";".join(f"{format_sun_time(hours.from_)}-{format_sun_time(hours.until)}" for hours in screen.hours),
        ";".join(f"{format_sun_time(step.from_)}={step.percent}" for step in screen.brightness),
    )


def _parse_header(name: str, cells: Sequence[str]) -> list[str]:
    heads = [cell.lower() for cell in cells]
    columns = [CHINESE_HEADS.get(head, head) for head in heads]
    location = FaultLocation(name, 1)
    missing = [column for column in REQUIRED_COLUMNS if column not in columns]
    repeated = [column for column in COLUMNS if columns.count(column) > 1]
    faults = [_create_unknown_column_fault(column, location) for column in columns if column not in COLUMNS]
    faults += [Fault("error", "csv-column-missing", location, {"column": column}) for column in missing]
    faults += [Fault("error", "csv-column-twice", location, {"column": column}) for column in repeated]
    if faults:
        raise Refused(faults)
    return columns


def _create_unknown_column_fault(column: str, location: FaultLocation) -> Fault:
    facts = {"column": ellipsize(column), "columns": ", ".join(COLUMNS)}
    nearest = find_closest_match(column, COLUMNS)
    if nearest is None:
        return Fault("error", "csv-column-unknown-far", location, facts)
    return Fault("error", "csv-column-unknown", location, {**facts, "nearest": nearest})


def _parse_row(
    columns: Sequence[str], cells: Sequence[str], location: FaultLocation, timezone: str, faults: list[Fault]
) -> Screen:
    """Parse one row; append the faults of its cells to *faults*."""
    row = {column: cell for column, cell in zip(columns, cells, strict=False) if cell}
    position = parse_values(
        faults, location, "position", [row["position"]] if "position" in row else [], parse_position
    )
    hours = parse_values(faults, location, "hours", _split_values(row.get("hours", "")), parse_hours)
    brightness = parse_values(
        faults, location, "brightness", _split_values(row.get("brightness", "")), parse_brightness
    )
    return Screen(
        id=row.get("id", ""),
        kind=row.get("kind", ""),
        panel=row.get("panel", ""),
        timezone=row.get("timezone", timezone),
        groups=_split_values(row.get("groups", "")),
        tags=_split_values(row.get("tags", "")),
        unit=row.get("unit"),
        position=position[0] if position else None,
        hours=hours,
        brightness=brightness,
        default_campaign=row.get("default"),
        name=row.get("name"),
        address=row.get("address"),
    )


def _split_values(cell: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value.strip() for value in cell.replace("；", ";").split(";") if value.strip()))
