"""Read a campaign file: returns the campaign, or all faults with their lines."""

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
    """Result of a check: the campaign, if there is no error, and all faults by line."""

    file: str
    text: str
    campaign: Campaign | None
    faults: tuple[Fault, ...]
    draft: PartialCampaign | None = None

    def check_clip_kinds(self, context: FileCheckContext) -> tuple[Fault, ...]:
        """Return the faults that depend on the kind of clips, for clips that became known after the file was read."""
        draft = self.draft
        return self.locate([] if draft is None else [f for check in CLIP_KIND_CHECKS for f in check(draft, context)])

    def locate(self, findings: list[Finding]) -> tuple[Fault, ...]:
        """Locate the findings of other checks of the campaign in this file."""
        return locate_findings(findings, self.file, self.text)


def read_campaign(path: PurePath | str, data: str | bytes, context: FileCheckContext = EMPTY_CONTEXT) -> Campaign:
    """Return the campaign in *data*, the content of the file *path*.

    Faults name *path* as given; its last part, without ``.toml``, must equal the campaign's id. An empty path means
    that there is no file, and any id is accepted. Raises Refused with every fault.
    """
    checked = check_campaign_file(path, data, context)
    if checked.campaign is None:
        raise Refused(fault for fault in checked.faults if fault.level == "error")
    return checked.campaign


def check_campaign_file(
    path: PurePath | str, data: str | bytes, context: FileCheckContext = EMPTY_CONTEXT
) -> CheckedCampaignFile:
    """Check a campaign file like ``read_campaign``, with warnings and without raising."""
    file = str(path)
    content = decode_text(data)
    if not isinstance(content, str):
        return CheckedCampaignFile(file, "", None, locate_findings([content], file, ""))
    parsed = parse_toml(content)
    if not parsed.tables and parsed.findings:
        return CheckedCampaignFile(file, parsed.text, None, locate_findings(parsed.findings, file, parsed.text))
    reader = TableReader(parsed)
    draft = _read_partial_campaign(reader, PurePath(path).stem if file else None)
    for check in CHECKS:
        if len(reader.findings) < MAX_FAULTS:
            reader.findings += islice(check(draft, context), MAX_FAULTS)
    findings = _deduplicate([*parsed.findings, *reader.findings])
    faults = locate_findings(findings, file, parsed.text)
    has_errors = any(fault.level == "error" for fault in faults)
    return CheckedCampaignFile(file, parsed.text, None if has_errors else _build_campaign(draft), faults, draft)


def _deduplicate(findings: list[Finding]) -> list[Finding]:
    """Sort errors first, so that warnings cannot crowd them out, and drop repeated findings."""
    seen: dict[tuple[object, ...], Finding] = {}
    for finding in sorted(findings, key=lambda f: f.level):
        seen.setdefault((finding.path, finding.code, finding.line), finding)
    return list(seen.values())


def _read_partial_campaign(reader: TableReader, stem: str | None) -> PartialCampaign:
    tables = reader.parsed.tables
    root = reader.read_table((), tables, shape.CAMPAIGN_SCHEMA, inner=shape.TABLE_NAMES)
    items = _read_rows(reader, "item", shape.ITEM_SCHEMA, shape.MAX_ITEMS)
    placements = _read_rows(reader, "placement", shape.PLACEMENT_SCHEMA, shape.MAX_PLACEMENTS)
    dayparts = _read_dayparts(reader, tables.get("daypart", {}))
    return PartialCampaign(
        stem,
        root,
        items,
        dayparts,
        placements,
        items_incomplete=not isinstance(tables.get("item"), list) or any(_is_unmatchable(row) for row in items),
        dayparts_incomplete=reader.is_set_aside(("daypart",)) or not isinstance(tables.get("daypart", {}), dict),
    )


def _is_unmatchable(row: dict[str, Any]) -> bool:
    """Return whether an item's id or tags could not be read."""
    return "id" not in row or ("tags" in row["given"] and "tags" not in row)


def _read_rows(reader: TableReader, name: str, keys: Mapping[str, Any], max_rows: int) -> list[dict[str, Any]]:
    value = reader.parsed.tables.get(name)
    if value is None or value == []:
        if not reader.is_set_aside((name,)):
            reader.add_error((name,), f"{name}s-none")
        return []
    if isinstance(value, list) and len(value) > max_rows:
        reader.add_error((name, max_rows), "list-too-long", name=name, most=max_rows, length=len(value))
        value = value[:max_rows]
    rows = reader.read_tables(name, value, keys)
    for n, row in enumerate(rows):
        table = value[n] if isinstance(value[n], dict) else {}
        row["given"] = {k for k in keys if k in table or reader.is_set_aside((name, n, k))}
    return rows


def _read_dayparts(reader: TableReader, value: Any) -> dict[str, dict[str, Any]]:
    if reader.is_set_aside(("daypart",)):
        return {}
    if isinstance(value, list):
        reader.add_error(("daypart",), "daypart-not-named")
        return {}
    if not isinstance(value, dict):
        reader.read_table(("daypart",), value, {})
        return {}
    if len(value) > shape.MAX_DAYPARTS:
        reader.add_error(("daypart",), "list-too-long", name="daypart", most=shape.MAX_DAYPARTS, length=len(value))
        value = dict(list(value.items())[: shape.MAX_DAYPARTS])
    dayparts = {}
    for name, table in value.items():
        if not reader.is_set_aside(("daypart", name)):
            _check_daypart_id(reader, name)
            dayparts[name] = reader.read_table(("daypart", name), table, shape.DAYPART_SCHEMA)
    return dayparts


def _check_daypart_id(reader: TableReader, name: str) -> None:
    try:
        id_field(name)
    except FieldError as e:
        reader.findings.append(make_error(e.code, ("daypart", name), **e.facts))


def _build_campaign(draft: PartialCampaign) -> Campaign:
    root = draft.root
    return Campaign(
        id=root["id"],
        title=root["title"],
        timezone=root["timezone"],
        from_=root["from"],
        until=root["until"],
        items=tuple(_build_item(row) for row in draft.items),
        placements=tuple(_build_placement(row) for row in draft.placements),
        dayparts=tuple(_build_daypart(name, row) for name, row in draft.dayparts.items()),
        theme=root.get("theme"),
        unit=root.get("unit"),
        priority=root.get("priority", 0),
        report_due=root.get("report_due"),
        look=_build_style(root),
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
