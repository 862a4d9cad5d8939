"""The campaign file as a form, and a form as a campaign file: nothing is judged here, the file's reader does that.

Fields are called as the reader calls places: ``title``, ``item[2].text``, ``placement[1].screens``; a daypart's are
``daypart[1].days`` beside its id in ``daypart[1].id``. What cannot be read as its kind goes into the file as it was
typed, so that the reader's fault comes back to the field.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields
from datetime import datetime, time

from werkzeug.datastructures import MultiDict

from signage.faults import Fault, Place
from signage.model.campaign import FORMAT, Campaign
from signage.model.item import PLAIN, Look

Values = MultiDict[str, str]
PARTS = ("item", "daypart", "placement")
LOOK = tuple(one.name for one in fields(Look))
_NUMBERS = ("priority", "size_px", "px_per_s", "weight", "share", "max_per_hour")
_SECONDS = ("duration_s", "min_gap_s")
_WORDS = ("tags", "days", "except", "screens", "items", "dayparts")
_MOMENTS = ("from", "until", "report_due")
HEAD = ("title", "theme", "unit", "timezone", "from", "until", "priority", "report_due", *LOOK)
ROWS: Mapping[str, tuple[str, ...]] = {
    "item": ("id", "text", "sha256", "title", "duration_s", "weight", "tags", "from", "until", "source", *LOOK),
    "daypart": ("days", "except", "from", "until", "rrule"),
    "placement": ("screens", "items", "dayparts", "share", "order", "max_per_hour", "min_gap_s"),
}
FRESH: Mapping[str, Mapping[str, str]] = {
    "item": {"duration_s": "8"},
    "daypart": {"from": "06:30", "until": "22:00"},
    "placement": {"screens": "*", "items": "*", "share": "1"},
}
_PLACE = re.compile(r"(item|placement|daypart)\[(\d+)\]")
_LIST_COMMA = re.compile(r"[\s,，、]+")


def values_of(campaign: Campaign) -> Values:
    """The fields that say what *campaign* says."""
    found: Values = MultiDict()
    head = {"id": campaign.id, "title": campaign.title, "theme": campaign.theme, "unit": campaign.unit}
    head |= {"timezone": campaign.timezone, "from": _moment(campaign.from_), "until": _moment(campaign.until)}
    head |= {"priority": str(campaign.priority or ""), "report_due": _moment(campaign.report_due)}
    _put(found, "", {**head, **_look(campaign.look)})
    for n, item in enumerate(campaign.items, 1):
        row = {"id": item.id, "text": item.text, "sha256": item.sha256, "title": item.title, "source": item.source}
        row |= {"duration_s": _seconds(item.duration_ms), "weight": str(item.weight or ""), "tags": " ".join(item.tags)}
        row |= {"from": _moment(item.from_), "until": _moment(item.until)}
        _put(found, f"item[{n}].", {**row, **_look(item.look)})
    for n, part in enumerate(campaign.dayparts, 1):
        row = {"id": part.id, "days": " ".join(part.days), "except": " ".join(part.except_), "rrule": part.rrule}
        _put(found, f"daypart[{n}].", {**row, "from": _clock(part.from_), "until": _clock(part.until)})
    for n, one in enumerate(campaign.placements, 1):
        row = {"screens": " ".join(one.screens), "items": " ".join(one.items), "dayparts": " ".join(one.dayparts)}
        row |= {"share": str(one.share), "order": one.order, "max_per_hour": str(one.max_per_hour or "")}
        _put(found, f"placement[{n}].", {**row, "min_gap_s": _seconds(one.min_gap_ms)})
    return found


def fresh(timezone: str, unit: str | None, begin: datetime, end: datetime) -> Values:
    """The fields of a campaign to begin with."""
    found: Values = MultiDict({"timezone": timezone, "unit": unit or "", "from": _moment(begin), "until": _moment(end)})
    for part in ("item", "placement"):
        add_row(found, part)
    return found


def count(values: Values, part: str) -> int:
    """How many rows *part* has."""
    return max((int(m[2]) for name in values if (m := _PLACE.match(name)) and m[1] == part), default=0)


def add_row(values: Values, part: str) -> int:
    """Put an empty row at the end; returns its number."""
    n = count(values, part) + 1
    known = {values.get(f"{part}[{k}].id", "") for k in range(1, n)}
    if part in ("item", "daypart"):
        stem = "item" if part == "item" else "daypart"
        values[f"{part}[{n}].id"] = next(name for k in range(n, n + 5000) if (name := f"{stem}-{k:02}") not in known)
    for name, value in FRESH[part].items():
        values[f"{part}[{n}].{name}"] = value
    return n


def drop_row(values: Values, part: str, number: int) -> None:
    """Take a row out; those below move up."""
    rows = [_row(values, part, n) for n in range(1, count(values, part) + 1) if n != number]
    _set_rows(values, part, rows)


def move_row(values: Values, part: str, number: int, by: int) -> None:
    """Move a row up (-1) or down (1)."""
    rows = [_row(values, part, n) for n in range(1, count(values, part) + 1)]
    other = number - 1 + by
    if 1 <= number <= len(rows) and 0 <= other < len(rows):
        rows[number - 1], rows[other] = rows[other], rows[number - 1]
    _set_rows(values, part, rows)


def add_texts(values: Values, texts: Iterable[str]) -> None:
    """A row for each of *texts*, in place of empty ones."""
    for text in texts:
        last = count(values, "item")
        empty = last and not values.get(f"item[{last}].text") and not values.get(f"item[{last}].sha256")
        n = last if empty else add_row(values, "item")
        values[f"item[{n}].text"] = text


def text_of(values: Values, campaign_id: str) -> str:
    """The campaign file that the fields say."""
    lines = [f'format = "{FORMAT}"', f"id = {json.dumps(campaign_id)}", *_lines(values, "", HEAD)]
    for part in PARTS:
        for n in range(1, count(values, part) + 1):
            prefix = f"{part}[{n}]."
            if part == "daypart":
                lines += ["", f"[daypart.{json.dumps(values.get(prefix + 'id', '').strip(), ensure_ascii=False)}]"]
            else:
                lines += ["", f"[[{part}]]"]
            lines += _lines(values, prefix, ROWS[part])
    return "\n".join(lines) + "\n"


def at_fields(faults: Iterable[Fault], values: Values) -> list[Fault]:
    """The reader's faults at the names of fields: a daypart's by its number."""
    numbers = {values.get(f"daypart[{n}].id", "").strip(): n for n in range(1, count(values, "daypart") + 1)}

    def moved(fault: Fault) -> Fault:
        key = fault.place.key
        head, _, rest = key.partition(".")
        name, _, field = rest.partition(".")
        if head == "daypart" and name in numbers:
            key = f"daypart[{numbers[name]}].{field or 'id'}"
        return Fault(fault.level, fault.code, Place(key=key), fault.facts)

    return [moved(fault) for fault in faults]


def _lines(values: Values, prefix: str, names: Iterable[str]) -> Iterator[str]:
    for name in names:
        typed = values.get(prefix + name, "").replace("\r\n", "\n").strip()
        if typed and not (name == "order" and typed == "fair") and not (name == "effect" and typed == "auto"):
            yield f"{name} = {_value(name, typed, clock=prefix.startswith('daypart'))}"


def _value(name: str, typed: str, clock: bool) -> str:
    if name in _NUMBERS:
        return _read(typed, lambda text: str(int(text)))
    if name in _SECONDS:
        return _read(typed, lambda text: f"{float(text):g}")
    if name in _WORDS:
        words = [word for word in _LIST_COMMA.split(typed) if word]
        return "[" + ", ".join(json.dumps(word, ensure_ascii=False) for word in words) + "]"
    if name in _MOMENTS:
        kind: Callable[[str], datetime | time] = time.fromisoformat if clock else datetime.fromisoformat
        return _read(typed, lambda text: kind(text).isoformat())
    return json.dumps(typed, ensure_ascii=False).replace("\x7f", "\\u007f")


def _read(typed: str, read: Callable[[str], str]) -> str:
    try:
        found = read(typed)
    except (ValueError, OverflowError):
        return json.dumps(typed, ensure_ascii=False)
    return found if found not in ("inf", "-inf", "nan") else json.dumps(typed)


def _row(values: Values, part: str, number: int) -> dict[str, str]:
    prefix = f"{part}[{number}]."
    return {name.removeprefix(prefix): value for name, value in values.items() if name.startswith(prefix)}


def _set_rows(values: Values, part: str, rows: list[dict[str, str]]) -> None:
    for name in [name for name in values if (m := _PLACE.match(name)) and m[1] == part]:
        del values[name]
    for n, row in enumerate(rows, 1):
        _put(values, f"{part}[{n}].", row)


def _put(values: Values, prefix: str, row: Mapping[str, str | None]) -> None:
    for name, value in row.items():
        values[prefix + name] = value or ""


def _look(look: Look) -> dict[str, str]:
    return {name: str(value) for name in LOOK if (value := getattr(look, name)) != getattr(PLAIN, name)}


def _moment(at: datetime | None) -> str:
    return "" if at is None else at.isoformat(timespec="seconds" if at.second or at.tzinfo else "minutes")


def _clock(at: time) -> str:
    return at.isoformat(timespec="seconds" if at.second else "minutes")


def _seconds(ms: int | None) -> str:
    return "" if ms is None else f"{ms / 1000:g}"
