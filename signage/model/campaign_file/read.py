"""A campaign file, read: every fault at once, each with its line, or the campaign."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import PurePath
from typing import Any

from signage.faults import Fault, Refused
from signage.model.campaign import Campaign, Placement
from signage.model.campaign_file import schema as shape
from signage.model.campaign_file.checks import CHECKS, CLIP_KIND_CHECKS
from signage.model.campaign_file.partial_campaign import EMPTY_CONTEXT, FileCheckContext, PartialCampaign
from signage.model.daypart import Daypart
from signage.model.item import Item, Style
from signage.model.toml.field_types import FieldError, id_field
from signage.model.toml.findings import MAX_FAULTS, Finding, locate_findings, make_error
from signage.model.toml.recovering_parser import parse_toml
from signage.model.toml.schema import TableReader
from signage.model.toml.text_decoder import decode_text


@dataclass(frozen=True, slots=True)
class CheckedCampaignFile:
    """A file looked at: the campaign, where nothing keeps it from being one, and all that was found, by line."""

    file: str
    text: str
    campaign: Campaign | None
    faults: tuple[Fault, ...]
    draft: PartialCampaign | None = None

    def check_clip_kinds(self, context: FileCheckContext) -> tuple[Fault, ...]:
        """Return the faults that depend on the kind of clips, for clips that became known after the file was read."""
        draft = self.draft
        return self.locate([] if draft is None else [f for check in CLIP_KIND_CHECKS for f in check(draft, context)])

    def locate(self, found: list[Finding]) -> tuple[Fault, ...]:
        """What others found in the campaign, with the lines of this file."""
        return locate_findings(found, self.file, self.text)


def read_campaign(path: PurePath | str, data: str | bytes, context: FileCheckContext = EMPTY_CONTEXT) -> Campaign:
    """The campaign that *data*, the content of the file *path*, is.

    *path* is named in faults as it is given, and its last part, without ``.toml``, has to be the campaign's id; an
    empty path is no file, and any id will do. Raises Refused with every fault.
    """
    examined = check_campaign_file(path, data, context)
    if examined.campaign is None:
        raise Refused(fault for fault in examined.faults if fault.level == "error")
    return examined.campaign


def check_campaign_file(
    path: PurePath | str, data: str | bytes, context: FileCheckContext = EMPTY_CONTEXT
) -> CheckedCampaignFile:
    """Look at a file: as ``read``, with the warnings, and without raising."""
    file = str(path)
    content = decode_text(data)
    if not isinstance(content, str):
        return CheckedCampaignFile(file, "", None, locate_findings([content], file, ""))
    parsed = parse_toml(content)
    if not parsed.tables and parsed.findings:
        return CheckedCampaignFile(file, parsed.text, None, locate_findings(parsed.findings, file, parsed.text))
    reading = TableReader(parsed)
    draft = _read_partial_campaign(reading, PurePath(path).stem if file else None)
    for check in CHECKS:
        if len(reading.findings) < MAX_FAULTS:
            reading.findings += islice(check(draft, context), MAX_FAULTS)
    found = _deduplicate([*parsed.findings, *reading.findings])
    faults = locate_findings(found, file, parsed.text)
    broken = any(fault.level == "error" for fault in faults)
    return CheckedCampaignFile(file, parsed.text, None if broken else _build_campaign(draft), faults, draft)


def _deduplicate(found: list[Finding]) -> list[Finding]:
    """Errors first, so that a flood of warnings drowns none; no path is blamed twice for the same."""
    seen: dict[tuple[object, ...], Finding] = {}
    for one in sorted(found, key=lambda f: f.level):
        seen.setdefault((one.path, one.code, one.line), one)
    return list(seen.values())


def _read_partial_campaign(reading: TableReader, stem: str | None) -> PartialCampaign:
    tables = reading.parsed.tables
    head = reading.read_table((), tables, shape.CAMPAIGN_SCHEMA, inner=shape.TABLE_NAMES)
    items = _read_rows(reading, "item", shape.ITEM_SCHEMA, shape.MAX_ITEMS)
    placements = _read_rows(reading, "placement", shape.PLACEMENT_SCHEMA, shape.MAX_PLACEMENTS)
    dayparts = _read_dayparts(reading, tables.get("daypart", {}))
    return PartialCampaign(
        stem,
        head,
        items,
        dayparts,
        placements,
        items_incomplete=not isinstance(tables.get("item"), list) or any(_is_unmatchable(row) for row in items),
        dayparts_incomplete=reading.is_set_aside(("daypart",)) or not isinstance(tables.get("daypart", {}), dict),
    )


def _is_unmatchable(row: dict[str, Any]) -> bool:
    """Whether an item's id or tags could not be read."""
    return "id" not in row or ("tags" in row["given"] and "tags" not in row)


def _read_rows(reading: TableReader, name: str, keys: Mapping[str, Any], most: int) -> list[dict[str, Any]]:
    value = reading.parsed.tables.get(name)
    if value is None or value == []:
        if not reading.is_set_aside((name,)):
            reading.add_error((name,), f"{name}s-none")
        return []
    if isinstance(value, list) and len(value) > most:
        reading.add_error((name, most), "list-too-long", name=name, most=most, length=len(value))
        value = value[:most]
    rows = reading.read_tables(name, value, keys)
    for n, row in enumerate(rows):
        written = value[n] if isinstance(value[n], dict) else {}
        row["given"] = {k for k in keys if k in written or reading.is_set_aside((name, n, k))}
    return rows


def _read_dayparts(reading: TableReader, value: Any) -> dict[str, dict[str, Any]]:
    if reading.is_set_aside(("daypart",)):
        return {}
    if isinstance(value, list):
        reading.add_error(("daypart",), "daypart-not-named")
        return {}
    if not isinstance(value, dict):
        reading.read_table(("daypart",), value, {})
        return {}
    if len(value) > shape.MAX_DAYPARTS:
        reading.add_error(("daypart",), "list-too-long", name="daypart", most=shape.MAX_DAYPARTS, length=len(value))
        value = dict(list(value.items())[: shape.MAX_DAYPARTS])
    found = {}
    for name, table in value.items():
        if not reading.is_set_aside(("daypart", name)):
            _check_daypart_id(reading, name)
            found[name] = reading.read_table(("daypart", name), table, shape.DAYPART_SCHEMA)
    return found


def _check_daypart_id(reading: TableReader, name: str) -> None:
    try:
        id_field(name)
    except FieldError as e:
        reading.findings.append(make_error(e.code, ("daypart", name), **e.facts))


def _build_campaign(draft: PartialCampaign) -> Campaign:
    head = draft.root
    return Campaign(
        id=head["id"],
        title=head["title"],
        timezone=head["timezone"],
        from_=head["from"],
        until=head["until"],
        items=tuple(_build_item(row) for row in draft.items),
        placements=tuple(_build_placement(row) for row in draft.placements),
        dayparts=tuple(_build_daypart(name, row) for name, row in draft.dayparts.items()),
        theme=head.get("theme"),
        unit=head.get("unit"),
        priority=head.get("priority", 0),
        report_due=head.get("report_due"),
        look=_build_style(head),
    )


def _build_style(row: Mapping[str, Any]) -> Style:
    return Style(**{name: row[name] for name in shape.STYLE_FIELDS if name in row})


def _build_item(row: Mapping[str, Any]) -> Item:
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
        look=_build_style(row),
    )


def _build_daypart(name: str, row: Mapping[str, Any]) -> Daypart:
    given = {key: row[key] for key in ("days", "until", "rrule") if key in row}
    given.update({f"{key}_": row[key] for key in ("from", "except") if key in row})
    return Daypart(name, **given)


def _build_placement(row: Mapping[str, Any]) -> Placement:
    given = {key: row[key] for key in ("dayparts", "share", "order", "max_per_hour") if key in row}
    return Placement(row["screens"], row["items"], min_gap_ms=row.get("min_gap_s"), **given)
