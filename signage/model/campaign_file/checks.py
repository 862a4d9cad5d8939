"""Checks of the campaign file that need more than one value (contract, "The campaign file").

1. The id equals the file name. 2. Item ids are unique. 3. An item has exactly one of text, file, sha256.
4. Pictures have a duration, films have none. 5. Files exist inside the installation's folder; clips exist in the
library. 6. Windows end after they start; an item's window lies inside the campaign's. 7. Dayparts have days or a rule,
and the rule is one of days. 8. Patterns match an item, and named dayparts exist. 9. Items in listed order have no
weights. 10. (Warnings) Parts that are never shown, and keys without effect. 11. The background of a slogan is a
picture of the same campaign.

Each check gets the values that could be read and yields findings.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from signage.model import rrules
from signage.model.campaign_file.item_patterns import list_matching_items
from signage.model.campaign_file.partial_campaign import ClipKind, FileCheckContext, PartialCampaign
from signage.model.ids import is_id
from signage.model.local_time import to_instant
from signage.model.toml.field_types import FIRST_YEAR, LAST_YEAR, format_toml_value
from signage.model.toml.findings import Finding, find_closest_match, make_error, make_warning, suggest_error
from signage.model.toml.statements import KeyPath
from signage.model.wildcards import has_wildcard

Check = Callable[[PartialCampaign, FileCheckContext], Iterator[Finding]]

_MAX_WILDCARD_PATTERNS = 500


def check_id_matches_file_name(draft: PartialCampaign, _: FileCheckContext) -> Iterator[Finding]:
    """Rule 1."""
    if draft.file_stem is None or "id" not in draft.root:
        return
    if not is_id(draft.file_stem):
        yield make_error("file-name-no-id", ("id",), value=draft.root["id"], stem=draft.file_stem)
    elif draft.root["id"] != draft.file_stem:
        yield make_error("id-not-file-name", ("id",), value=draft.root["id"], stem=draft.file_stem)


def check_item_ids_are_unique(draft: PartialCampaign, _: FileCheckContext) -> Iterator[Finding]:
    """Rule 2."""
    seen: dict[str, int] = {}
    for n, row in enumerate(draft.items):
        first = seen.setdefault(row.get("id", ""), n)
        if first != n and "id" in row:
            yield make_error("item-twice", ("item", n, "id"), name=row["id"], first=first + 1)


def check_item_has_one_content(draft: PartialCampaign, _: FileCheckContext) -> Iterator[Finding]:
    """Rule 3. A key whose value could not be read counts as present."""
    for n, row in enumerate(draft.items):
        given = [name for name in ("text", "file", "sha256") if name in row["given"]]
        if not given:
            yield make_error("content-none", ("item", n))
        elif len(given) > 1:
            yield make_error("content-several", ("item", n, given[1]), given=", ".join(given))


def check_durations(draft: PartialCampaign, context: FileCheckContext) -> Iterator[Finding]:
    """Rule 4. Without a library the file name extension decides."""
    for n, row in enumerate(draft.items):
        name = row.get("file") or row.get("sha256")
        if name is None or "text" in row["given"]:
            continue
        known = context.clip_kind(name) if context.clip_kind else None
        kind = known or _guess_clip_kind(row.get("file", ""))
        if kind == "film" and "duration_s" in row["given"]:
            yield make_error("film-with-duration", ("item", n, "duration_s"))
        elif kind == "picture" and "duration_s" not in row["given"]:
            yield make_error("picture-without-duration", ("item", n, "duration_s"))


def _guess_clip_kind(name: str) -> ClipKind | None:
    ending = name.rpartition(".")[2].lower()
    if ending in ("mp4", "mov", "m4v", "webm", "mpg", "mpeg", "mkv", "ts"):
        return "film"
    return "picture" if ending in ("jpg", "jpeg", "bmp") else None


_FILE_FAULTS = {"missing": "file-not-there", "leaves": "file-leaves", "no-file": "file-not-regular"}


def check_clips_exist(draft: PartialCampaign, context: FileCheckContext) -> Iterator[Finding]:
    """Rule 5."""
    for n, row in enumerate(draft.items):
        if "file" in row and context.file_state:
            state = context.file_state(row["file"])
            if state != "there":
                yield make_error(_FILE_FAULTS[state], ("item", n, "file"), value=row["file"])
        if "sha256" in row and context.clip_kind and context.clip_kind(row["sha256"]) is None:
            yield make_error("item-clip-unknown", ("item", n, "sha256"), value=row["sha256"][:12] + "…")


def check_background_is_picture(draft: PartialCampaign, context: FileCheckContext) -> Iterator[Finding]:
    """Rule 11."""
    rows = {row["id"]: row for row in draft.items if "id" in row}
    for n, row in enumerate(draft.items):
        name = row.get("behind")
        if name is None:
            continue
        other = rows.get(name)
        if "text" not in row["given"]:
            yield make_error("behind-not-for-clips", ("item", n, "behind"))
        elif other is None:
            yield make_error(
                "behind-unknown", ("item", n, "behind"), name=name, nearest=find_closest_match(name, list(rows)) or "—"
            )
        elif not _may_be_picture(other, context):
            yield make_error("behind-no-picture", ("item", n, "behind"), name=name)


def _may_be_picture(row: Mapping[str, Any], context: FileCheckContext) -> bool:
    name = row.get("file") or row.get("sha256")
    if name is None:
        return False
    known = context.clip_kind(name) if context.clip_kind else None
    return (known or _guess_clip_kind(row.get("file", "")) or "picture") == "picture"


def check_windows(draft: PartialCampaign, _: FileCheckContext) -> Iterator[Finding]:
    """Rule 6."""
    range_findings: list[Finding] = []
    begin, end = (_read_instant(draft, draft.root, (), key, range_findings) for key in ("from", "until"))
    due = _read_instant(draft, draft.root, (), "report_due", range_findings)
    if begin and end and end <= begin:
        yield make_error("until-not-after-from", ("until",))
        begin = end = None
    if begin and due and due < begin:
        yield make_error("report-before-from", ("report_due",))
    for n, row in enumerate(draft.items):
        path: KeyPath = ("item", n)
        own_begin, own_end = (_read_instant(draft, row, path, key, range_findings) for key in ("from", "until"))
        if own_begin and own_end and own_end <= own_begin:
            yield make_error("until-not-after-from", (*path, "until"))
        elif begin and end and ((own_begin and own_begin >= end) or (own_end and own_end <= begin)):
            yield make_error("item-outside-window", (*path, "from" if own_begin and own_begin >= end else "until"))
        elif begin and own_begin and own_begin < begin:
            yield make_warning("item-window-cut", (*path, "from"))
        elif end and own_end and own_end > end:
            yield make_warning("item-window-cut", (*path, "until"))
    yield from range_findings


def _read_instant(
    draft: PartialCampaign, row: dict[str, object], path: KeyPath, key: str, range_findings: list[Finding]
) -> datetime | None:
    local_time = row.get(key)
    if not isinstance(local_time, datetime) or "timezone" not in draft.root:
        return None
    try:
        return to_instant(local_time, ZoneInfo(draft.root["timezone"]))
    except OverflowError:
        range_findings.append(
            make_error("year-out-of-range", (*path, key), first=FIRST_YEAR, last=LAST_YEAR, value=local_time.year)
        )
        return None


def check_recurrence_rules(draft: PartialCampaign, _: FileCheckContext) -> Iterator[Finding]:
    """Rule 7."""
    for name, row in draft.dayparts.items():
        if "rrule" not in row:
            continue
        if row.get("days"):
            yield make_error("days-and-rrule", ("daypart", name, "rrule"))
        try:
            rrules.parse_rrule(row["rrule"], ZoneInfo(draft.root.get("timezone", "UTC")))
        except rrules.SubDailyRuleError:
            yield make_error("rrule-not-days", ("daypart", name, "rrule"), value=format_toml_value(row["rrule"]))
        except ValueError:
            yield make_error("rrule-unreadable", ("daypart", name, "rrule"), value=format_toml_value(row["rrule"]))


def check_item_patterns_match(draft: PartialCampaign, _: FileCheckContext) -> Iterator[Finding]:
    """Rule 8, items. Skipped while an item id could not be read: the pattern may mean that item."""
    wild = {pattern for row in draft.placements for pattern in row.get("items", ()) if has_wildcard(pattern)}
    if len(wild) > _MAX_WILDCARD_PATTERNS:
        yield make_error("wildcards-too-many", ("placement",), most=_MAX_WILDCARD_PATTERNS, number=len(wild))
        for row in draft.placements:
            row.pop("items", None)
    known = [row["id"] for row in draft.items if "id" in row]
    for n, row in enumerate(draft.placements):
        for m, pattern in enumerate(row.get("items", ())):
            if not list_matching_items(draft, pattern) and not draft.items_incomplete:
                words = [f"tag:{t}" for r in draft.items for t in r.get("tags", ())] if ":" in pattern else known
                yield suggest_error("items-match-none", ("placement", n, "items", m), pattern, words)


def check_dayparts_exist(draft: PartialCampaign, _: FileCheckContext) -> Iterator[Finding]:
    """Rule 8, dayparts."""
    for n, row in enumerate(draft.placements):
        for m, name in enumerate(row.get("dayparts", ())):
            if name not in draft.dayparts and not draft.dayparts_incomplete:
                yield suggest_error("daypart-unknown", ("placement", n, "dayparts", m), name, draft.dayparts)


def check_screens_not_all_excluded(draft: PartialCampaign, _: FileCheckContext) -> Iterator[Finding]:
    """A placement that excludes every screen matches none."""
    for n, row in enumerate(draft.placements):
        if "!*" in row.get("screens", ()):
            yield make_error("screens-none-left", ("placement", n, "screens", row["screens"].index("!*")))


def check_listed_orders_have_no_weights(draft: PartialCampaign, _: FileCheckContext) -> Iterator[Finding]:
    """Rule 9."""
    reported_items: set[int] = set()
    checked_patterns: set[str] = set()
    for n, row in enumerate(draft.placements):
        if row.get("order") != "listed":
            continue
        for pattern in dict.fromkeys(row.get("items", ())):
            if pattern in checked_patterns:
                continue
            checked_patterns.add(pattern)
            for item in list_matching_items(draft, pattern):
                if "weight" in draft.items[item]["given"] and item not in reported_items:
                    reported_items.add(item)
                    yield make_error("weight-when-listed", ("item", item, "weight"), placement=n + 1)


def check_unused_parts(draft: PartialCampaign, _: FileCheckContext) -> Iterator[Finding]:
    """Rule 10. Skipped if a placement could not be read completely, or names a missing item."""
    patterns = {pattern for row in draft.placements for pattern in row.get("items", ())}
    is_complete = draft.placements and all("items" in row for row in draft.placements)
    if is_complete and all(list_matching_items(draft, pattern) for pattern in patterns):
        used = {n for pattern in patterns for n in list_matching_items(draft, pattern)}
        behind = {row.get("behind") for row in draft.items}
        used |= {n for n, row in enumerate(draft.items) if row.get("id") in behind}
        for n, row in enumerate(draft.items):
            if n not in used and "id" in row:
                yield make_warning("item-unplaced", ("item", n, "id"), name=row["id"])
    named_dayparts = {name for row in draft.placements for name in row.get("dayparts", ())}
    is_complete = all("dayparts" in row or "dayparts" not in row["given"] for row in draft.placements)
    for name in draft.dayparts if is_complete and named_dayparts <= draft.dayparts.keys() else ():
        if name not in named_dayparts and is_id(name):
            yield make_warning("daypart-unused", ("daypart", name), name=name)


def check_styles_apply(draft: PartialCampaign, _: FileCheckContext) -> Iterator[Finding]:
    """Rule 10."""
    for n, row in enumerate(draft.items):
        is_slogan = "text" in row["given"]
        for name in ("effect", "color", "size_px", "px_per_s"):
            if name in row and not is_slogan:
                yield make_warning("look-not-for-clips", ("item", n, name), name=name)
        if "fit" in row and is_slogan:
            yield make_warning("fit-not-for-slogans", ("item", n, "fit"))


CLIP_KIND_CHECKS: tuple[Check, ...] = (check_durations, check_background_is_picture)
"""Checks that depend on the kind of clips."""

CHECKS: tuple[Check, ...] = (
    check_id_matches_file_name,
    check_item_ids_are_unique,
    check_item_has_one_content,
    check_durations,
    check_clips_exist,
    check_background_is_picture,
    check_windows,
    check_recurrence_rules,
    check_item_patterns_match,
    check_dayparts_exist,
    check_screens_not_all_excluded,
    check_listed_orders_have_no_weights,
    check_unused_parts,
    check_styles_apply,
)
