"""Converts between the campaign form and the campaign file; the file reader validates.

Fields are named as the reader names locations: ``title``, ``item[2].text``, ``placement[1].screens``; a daypart's are
``daypart[1].days`` beside its id in ``daypart[1].id``. An unreadable value is written as it was typed, so that the
reader's fault returns to the field.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields
from datetime import datetime, time

from werkzeug.datastructures import MultiDict

from signage.faults import Fault, FaultLocation
from signage.model.campaign import CAMPAIGN_FORMAT, Campaign, Placement
from signage.model.daypart import Daypart
from signage.model.item import DEFAULT_STYLE, Item, Style

FormValues = MultiDict[str, str]
PARTS = ("item", "daypart", "placement")
STYLE_FIELDS = tuple(one.name for one in fields(Style))
_INTEGER_FIELDS = ("priority", "size_px", "px_per_s", "weight", "share", "max_per_hour")
_SECONDS_FIELDS = ("duration_s", "min_gap_s")
_LIST_FIELDS = ("tags", "days", "except", "screens", "items", "dayparts")
_TIME_FIELDS = ("from", "until", "report_due")
CAMPAIGN_FIELDS = ("title", "theme", "unit", "timezone", "from", "until", "priority", "report_due", *STYLE_FIELDS)
ROW_FIELDS: Mapping[str, tuple[str, ...]] = {
    "item": (
        "id",
        "text",
        "sha256",
        "title",
        "duration_s",
        "weight",
        "tags",
        "from",
        "until",
        "source",
        "behind",
        *STYLE_FIELDS,
    ),
    "daypart": ("days", "except", "from", "until", "rrule"),
    "placement": ("screens", "items", "dayparts", "share", "order", "max_per_hour", "min_gap_s"),
}
NEW_ROW_DEFAULTS: Mapping[str, Mapping[str, str]] = {
    "item": {},
    "daypart": {"from": "06:30", "until": "22:00"},
    "placement": {"screens": "*", "items": "*", "share": "1"},
}
_ROW_FIELD = re.compile(r"(item|placement|daypart)\[(\d+)\]")
_LIST_SEPARATOR = re.compile(r"[\s,，、]+")


def build_values(campaign: Campaign) -> FormValues:
    """Return the field values of *campaign*."""
    values: FormValues = MultiDict()
    _set_row(values, "", _build_campaign_fields(campaign))
    for n, item in enumerate(campaign.items, 1):
        _set_row(values, f"item[{n}].", _build_item_row(item))
    for n, daypart in enumerate(campaign.dayparts, 1):
        _set_row(values, f"daypart[{n}].", _build_daypart_row(daypart))
    for n, placement in enumerate(campaign.placements, 1):
        _set_row(values, f"placement[{n}].", _build_placement_row(placement))
    return values


def _build_campaign_fields(campaign: Campaign) -> dict[str, str | None]:
    return {
        "id": campaign.id,
        "title": campaign.title,
        "theme": campaign.theme,
        "unit": campaign.unit,
        "timezone": campaign.timezone,
        "from": _format_moment(campaign.from_),
        "until": _format_moment(campaign.until),
        "priority": str(campaign.priority or ""),
        "report_due": _format_moment(campaign.report_due),
        **_format_style(campaign.look),
    }


def _build_item_row(item: Item) -> dict[str, str | None]:
    return {
        "id": item.id,
        "text": item.text,
        "sha256": item.sha256,
        "title": item.title,
        "source": item.source,
        "behind": item.behind,
        "duration_s": _format_seconds(item.duration_ms),
        "weight": str(item.weight or ""),
        "tags": " ".join(item.tags),
        "from": _format_moment(item.from_),
        "until": _format_moment(item.until),
        **_format_style(item.look),
    }


def _build_daypart_row(daypart: Daypart) -> dict[str, str | None]:
    return {
        "id": daypart.id,
        "days": " ".join(daypart.days),
        "except": " ".join(daypart.except_),
        "rrule": daypart.rrule,
        "from": _format_clock(daypart.from_),
        "until": _format_clock(daypart.until),
    }


def _build_placement_row(placement: Placement) -> dict[str, str | None]:
    return {
        "screens": " ".join(placement.screens),
        "items": " ".join(placement.items),
        "dayparts": " ".join(placement.dayparts),
        "share": str(placement.share),
        "order": placement.order,
        "max_per_hour": str(placement.max_per_hour or ""),
        "min_gap_s": _format_seconds(placement.min_gap_ms),
    }


def build_new_values(timezone: str, unit: str | None, begin: datetime, end: datetime) -> FormValues:
    """Return the field values of a new campaign."""
    values: FormValues = MultiDict(
        {"timezone": timezone, "unit": unit or "", "from": _format_moment(begin), "until": _format_moment(end)}
    )
    for part in ("item", "placement"):
        add_row(values, part)
    return values


def count_rows(values: FormValues, part: str) -> int:
    """Count the rows of *part*."""
    return max((int(m[2]) for name in values if (m := _ROW_FIELD.match(name)) and m[1] == part), default=0)


def add_row(values: FormValues, part: str, stem: str = "") -> int:
    """Append an empty row, its id made of *stem* (default: the part's name); returns its number."""
    n = count_rows(values, part) + 1
    known_ids = {values.get(f"{part}[{k}].id", "") for k in range(1, n)}
    if part in ("item", "daypart"):
        values[f"{part}[{n}].id"] = next(
            name for k in range(n, n + 5000) if (name := f"{stem or part}-{k:02}") not in known_ids
        )
    for name, value in NEW_ROW_DEFAULTS[part].items():
        values[f"{part}[{n}].{name}"] = value
    return n


def list_rows(values: FormValues, part: str) -> list[dict[str, str]]:
    """List the rows of *part*: field name without its prefix → value."""
    return [_get_row(values, part, n) for n in range(1, count_rows(values, part) + 1)]


def set_rows(values: FormValues, part: str, rows: Iterable[Mapping[str, str]]) -> None:
    """Replace the rows of *part*."""
    for name in [name for name in values if (m := _ROW_FIELD.match(name)) and m[1] == part]:
        del values[name]
    for n, row in enumerate(rows, 1):
        _set_row(values, f"{part}[{n}].", row)


def drop_row(values: FormValues, part: str, number: int) -> None:
    """Drop a row; later rows move up."""
    set_rows(values, part, [row for n, row in enumerate(list_rows(values, part), 1) if n != number])


def move_row(values: FormValues, part: str, number: int, offset: int) -> None:
    """Move a row up (-1) or down (1)."""
    rows = list_rows(values, part)
    other = number - 1 + offset
    if 1 <= number <= len(rows) and 0 <= other < len(rows):
        rows[number - 1], rows[other] = rows[other], rows[number - 1]
    set_rows(values, part, rows)


def add_texts(values: FormValues, texts: Iterable[str], stem: str = "") -> None:
    """Append a row for each of *texts*, reusing an empty last row."""
    for text in texts:
        last = count_rows(values, "item")
        empty = last and not values.get(f"item[{last}].text") and not values.get(f"item[{last}].sha256")
        n = last if empty else add_row(values, "item", stem)
        values[f"item[{n}].text"] = text


def format_campaign_file(values: FormValues, campaign_id: str) -> str:
    """Write the campaign file from the field values."""
    lines = [
        f'format = "{CAMPAIGN_FORMAT}"',
        f"id = {json.dumps(campaign_id)}",
        *_iter_toml_lines(values, "", CAMPAIGN_FIELDS),
    ]
    for part in PARTS:
        for n in range(1, count_rows(values, part) + 1):
            prefix = f"{part}[{n}]."
            if part == "daypart":
                lines += ["", f"[daypart.{json.dumps(values.get(prefix + 'id', '').strip(), ensure_ascii=False)}]"]
            else:
                lines += ["", f"[[{part}]]"]
            lines += _iter_toml_lines(values, prefix, ROW_FIELDS[part])
    return "\n".join(lines) + "\n"


def map_faults_to_fields(faults: Iterable[Fault], values: FormValues) -> list[Fault]:
    """Map the file reader's faults to field names: a daypart's id becomes its row number."""
    numbers = {values.get(f"daypart[{n}].id", "").strip(): n for n in range(1, count_rows(values, "daypart") + 1)}

    def moved(fault: Fault) -> Fault:
        key = fault.location.key
        head, _, remainder = key.partition(".")
        name, _, field = remainder.partition(".")
        if head == "daypart" and name in numbers:
            key = f"daypart[{numbers[name]}].{field or 'id'}"
        return Fault(fault.level, fault.code, FaultLocation(key=key), fault.facts)

    return [moved(fault) for fault in faults]


def _iter_toml_lines(values: FormValues, prefix: str, names: Iterable[str]) -> Iterator[str]:
    for name in names:
        text = values.get(prefix + name, "").replace("\r\n", "\n").strip()
        if text and not (name == "order" and text == "fair") and not (name == "effect" and text == "auto"):
            yield f"{name} = {_format_value(name, text, clock=prefix.startswith('daypart'))}"


def _format_value(name: str, typed: str, clock: bool) -> str:
    if name in _INTEGER_FIELDS:
        return _format_parsed(typed, lambda text: str(int(text)))
    if name in _SECONDS_FIELDS:
        return _format_parsed(typed, lambda text: f"{float(text):g}")
    if name in _LIST_FIELDS:
        words = [word for word in _LIST_SEPARATOR.split(typed) if word]
        return "[" + ", ".join(json.dumps(word, ensure_ascii=False) for word in words) + "]"
    if name in _TIME_FIELDS:
        kind: Callable[[str], datetime | time] = time.fromisoformat if clock else datetime.fromisoformat
        return _format_parsed(typed, lambda text: kind(text).isoformat())
    return json.dumps(typed, ensure_ascii=False).replace("\x7f", "\\u007f")


def _format_parsed(text: str, parse: Callable[[str], str]) -> str:
    try:
        formatted = parse(text)
    except (ValueError, OverflowError):
        return json.dumps(text, ensure_ascii=False)
    return formatted if formatted not in ("inf", "-inf", "nan") else json.dumps(text)


def _get_row(values: FormValues, part: str, number: int) -> dict[str, str]:
    prefix = f"{part}[{number}]."
    return {name.removeprefix(prefix): value for name, value in values.items() if name.startswith(prefix)}


def _set_row(values: FormValues, prefix: str, row: Mapping[str, str] | Mapping[str, str | None]) -> None:
    for name, value in row.items():
        values[prefix + name] = value or ""


def _format_style(style: Style) -> dict[str, str]:
    return {
        name: str(value) for name in STYLE_FIELDS if (value := getattr(style, name)) != getattr(DEFAULT_STYLE, name)
    }


def _format_moment(at: datetime | None) -> str:
    return "" if at is None else at.isoformat(timespec="seconds" if at.second or at.tzinfo else "minutes")


def _format_clock(at: time) -> str:
    return at.isoformat(timespec="seconds" if at.second else "minutes")


def _format_seconds(ms: int | None) -> str:
    return "" if ms is None else f"{ms / 1000:g}"
