"""A campaign file, read: every fault at once, each with its line, or the campaign."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import PurePath
from typing import Any

from signage.faults import Fault, Refused
from signage.model.campaign import Campaign, Placement
from signage.model.campaign_file import schema as shape
from signage.model.campaign_file.checks import CHECKS
from signage.model.campaign_file.partial_campaign import NOTHING, Context, Draft
from signage.model.daypart import Daypart
from signage.model.item import Item, Look
from signage.model.toml.decoding import decode
from signage.model.toml.field_types import UnfitError, ident
from signage.model.toml.findings import MOST_FAULTS, Found, error, placed
from signage.model.toml.schema import Reading
from signage.model.toml.tolerant_parser import parse


@dataclass(frozen=True, slots=True)
class Examined:
    """A file looked at: the campaign, where nothing keeps it from being one, and all that was found, by line."""

    file: str
    text: str
    campaign: Campaign | None
    faults: tuple[Fault, ...]

    def place(self, found: list[Found]) -> tuple[Fault, ...]:
        """What others found in the campaign, with the lines of this file."""
        return placed(found, self.file, self.text)


def read(path: PurePath | str, data: str | bytes, context: Context = NOTHING) -> Campaign:
    """The campaign that *data*, the content of the file *path*, is.

    *path* is named in faults as it is given, and its last part, without ``.toml``, has to be the campaign's id; an
    empty path is no file, and any id will do. Raises Refused with every fault.
    """
    examined = examine(path, data, context)
    if examined.campaign is None:
        raise Refused(fault for fault in examined.faults if fault.level == "error")
    return examined.campaign


def examine(path: PurePath | str, data: str | bytes, context: Context = NOTHING) -> Examined:
    """Look at a file: as ``read``, with the warnings, and without raising."""
    file = str(path)
    content = decode(data)
    if not isinstance(content, str):
        return Examined(file, "", None, placed([content], file, ""))
    parsed = parse(content)
    if not parsed.tables and parsed.found:
        return Examined(file, parsed.text, None, placed(parsed.found, file, parsed.text))
    reading = Reading(parsed)
    draft = _draft(reading, PurePath(path).stem if file else None)
    for check in CHECKS:
        if len(reading.found) < MOST_FAULTS:
            reading.found += islice(check(draft, context), MOST_FAULTS)
    found = _once([*parsed.found, *reading.found])
    faults = placed(found, file, parsed.text)
    broken = any(fault.level == "error" for fault in faults)
    return Examined(file, parsed.text, None if broken else _campaign(draft), faults)


def _once(found: list[Found]) -> list[Found]:
    """Errors first, so that a flood of warnings drowns none; no path is blamed twice for the same."""
    seen: dict[tuple[object, ...], Found] = {}
    for one in sorted(found, key=lambda f: f.level):
        seen.setdefault((one.path, one.code, one.line), one)
    return list(seen.values())


def _draft(reading: Reading, stem: str | None) -> Draft:
    tables = reading.parsed.tables
    head = reading.table((), tables, shape.CAMPAIGN, inner=shape.TABLES)
    items = _rows(reading, "item", shape.ITEM, shape.MOST_ITEMS)
    placements = _rows(reading, "placement", shape.PLACEMENT, shape.MOST_PLACEMENTS)
    dayparts = _dayparts(reading, tables.get("daypart", {}))
    return Draft(
        stem,
        head,
        items,
        dayparts,
        placements,
        rows_lost=not isinstance(tables.get("item"), list) or any(_is_lost(row) for row in items),
        dayparts_lost=reading.aside(("daypart",)) or not isinstance(tables.get("daypart", {}), dict),
    )


def _is_lost(row: dict[str, Any]) -> bool:
    """Whether an item's id or tags could not be read."""
    return "id" not in row or ("tags" in row["given"] and "tags" not in row)


def _rows(reading: Reading, name: str, keys: Mapping[str, Any], most: int) -> list[dict[str, Any]]:
    value = reading.parsed.tables.get(name)
    if value is None or value == []:
        if not reading.aside((name,)):
            reading.wrong((name,), f"{name}s-none")
        return []
    if isinstance(value, list) and len(value) > most:
        reading.wrong((name, most), "list-too-long", name=name, most=most, length=len(value))
        value = value[:most]
    rows = reading.tables(name, value, keys)
    for n, row in enumerate(rows):
        written = value[n] if isinstance(value[n], dict) else {}
        row["given"] = {k for k in keys if k in written or reading.aside((name, n, k))}
    return rows


def _dayparts(reading: Reading, value: Any) -> dict[str, dict[str, Any]]:
    if reading.aside(("daypart",)):
        return {}
    if isinstance(value, list):
        reading.wrong(("daypart",), "daypart-not-named")
        return {}
    if not isinstance(value, dict):
        reading.table(("daypart",), value, {})
        return {}
    if len(value) > shape.MOST_DAYPARTS:
        reading.wrong(("daypart",), "list-too-long", name="daypart", most=shape.MOST_DAYPARTS, length=len(value))
        value = dict(list(value.items())[: shape.MOST_DAYPARTS])
    found = {}
    for name, table in value.items():
        if not reading.aside(("daypart", name)):
            _named(reading, name)
            found[name] = reading.table(("daypart", name), table, shape.DAYPART)
    return found


def _named(reading: Reading, name: str) -> None:
    try:
        ident(name)
    except UnfitError as e:
        reading.found.append(error(e.code, ("daypart", name), **e.facts))


def _campaign(draft: Draft) -> Campaign:
    head = draft.head
    return Campaign(
        id=head["id"],
        title=head["title"],
        timezone=head["timezone"],
        from_=head["from"],
        until=head["until"],
        items=tuple(_item(row) for row in draft.items),
        placements=tuple(_placement(row) for row in draft.placements),
        dayparts=tuple(_daypart(name, row) for name, row in draft.dayparts.items()),
        theme=head.get("theme"),
        unit=head.get("unit"),
        priority=head.get("priority", 0),
        report_due=head.get("report_due"),
        look=_look(head),
    )


def _look(row: Mapping[str, Any]) -> Look:
    return Look(**{name: row[name] for name in shape.LOOK if name in row})


def _item(row: Mapping[str, Any]) -> Item:
    return Item(
        id=row["id"],
        text=row.get("text"),
        file=row.get("file"),
        sha256=row.get("sha256"),
        title=row.get("title"),
        duration_ms=row.get("duration_s"),
        weight=row.get("weight"),
        tags=row.get("tags", ()),
        from_=row.get("from"),
        until=row.get("until"),
        source=row.get("source"),
        behind=row.get("behind"),
        look=_look(row),
    )


def _daypart(name: str, row: Mapping[str, Any]) -> Daypart:
    given = {key: row[key] for key in ("days", "until", "rrule") if key in row}
    given.update({f"{key}_": row[key] for key in ("from", "except") if key in row})
    return Daypart(name, **given)


def _placement(row: Mapping[str, Any]) -> Placement:
    given = {key: row[key] for key in ("dayparts", "share", "order", "max_per_hour") if key in row}
    return Placement(row["screens"], row["items"], min_gap_ms=row.get("min_gap_s"), **given)
