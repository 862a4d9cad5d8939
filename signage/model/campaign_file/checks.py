"""The rules of the campaign file that one value alone cannot break (contract, "The campaign file").

1. The id is the file's name. 2. Ids of items are there once. 3. An item has exactly one of text, file, sha256.
4. Pictures have a duration, films have none. 5. Files are there, inside the installation's folder; clips are in the
library. 6. Windows end after they begin; an item's lies inside the campaign's. 7. Dayparts have days or a rule, and
the rule is one of days. 8. Patterns match something, dayparts that are named exist. 9. Listed orders have no weights.
10. (Warnings) What is never shown, and what has no meaning. 11. What stands behind a slogan is a picture of the same
campaign.

Each check looks at what could be read and yields what is wrong.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from signage.model import rrules
from signage.model.campaign_file.matching import match_items
from signage.model.campaign_file.partial_campaign import ClipKind, Context, Draft
from signage.model.ids import is_id
from signage.model.local_time import instant
from signage.model.toml.field_types import FIRST_YEAR, LAST_YEAR, shown
from signage.model.toml.findings import Found, Path, error, near, nearest, warning
from signage.model.wildcards import is_wild

Check = Callable[[Draft, Context], Iterator[Found]]

_MOST_WILD = 500


def id_is_the_files_name(draft: Draft, _: Context) -> Iterator[Found]:
    """Rule 1."""
    if draft.stem is None or "id" not in draft.head:
        return
    if not is_id(draft.stem):
        yield error("file-name-no-id", ("id",), value=draft.head["id"], stem=draft.stem)
    elif draft.head["id"] != draft.stem:
        yield error("id-not-file-name", ("id",), value=draft.head["id"], stem=draft.stem)


def ids_are_there_once(draft: Draft, _: Context) -> Iterator[Found]:
    """Rule 2."""
    seen: dict[str, int] = {}
    for n, row in enumerate(draft.items):
        first = seen.setdefault(row.get("id", ""), n)
        if first != n and "id" in row:
            yield error("item-twice", ("item", n, "id"), name=row["id"], first=first + 1)


def content_is_given_once(draft: Draft, _: Context) -> Iterator[Found]:
    """Rule 3. A key whose value could not be read counts as given."""
    for n, row in enumerate(draft.items):
        given = [name for name in ("text", "file", "sha256") if name in row["given"]]
        if not given:
            yield error("content-none", ("item", n))
        elif len(given) > 1:
            yield error("content-several", ("item", n, given[1]), given=", ".join(given))


def durations_fit_the_kind(draft: Draft, context: Context) -> Iterator[Found]:
    """Rule 4; without a library to ask, a file's ending tells."""
    for n, row in enumerate(draft.items):
        name = row.get("file") or row.get("sha256")
        if name is None or "text" in row["given"]:
            continue
        known = context.clip_kind(name) if context.clip_kind else None
        kind = known or _kind_by_ending(row.get("file", ""))
        if kind == "film" and "duration_s" in row["given"]:
            yield error("film-with-duration", ("item", n, "duration_s"))
        elif kind == "picture" and "duration_s" not in row["given"]:
            yield error("picture-without-duration", ("item", n, "duration_s"))


def _kind_by_ending(name: str) -> ClipKind | None:
    ending = name.rpartition(".")[2].lower()
    if ending in ("mp4", "mov", "m4v", "webm", "mpg", "mpeg", "mkv", "ts"):
        return "film"
    return "picture" if ending in ("jpg", "jpeg", "bmp") else None


_FILE_FAULTS = {"missing": "file-not-there", "leaves": "file-leaves", "no-file": "file-not-regular"}


def clips_are_there(draft: Draft, context: Context) -> Iterator[Found]:
    """Rule 5."""
    for n, row in enumerate(draft.items):
        if "file" in row and context.file_state:
            state = context.file_state(row["file"])
            if state != "there":
                yield error(_FILE_FAULTS[state], ("item", n, "file"), value=row["file"])
        if "sha256" in row and context.clip_kind and context.clip_kind(row["sha256"]) is None:
            yield error("item-clip-unknown", ("item", n, "sha256"), value=row["sha256"][:12] + "…")


def what_stands_behind_is_a_picture(draft: Draft, context: Context) -> Iterator[Found]:
    """Rule 11."""
    rows = {row["id"]: row for row in draft.items if "id" in row}
    for n, row in enumerate(draft.items):
        name = row.get("behind")
        if name is None:
            continue
        other = rows.get(name)
        if "text" not in row["given"]:
            yield error("behind-not-for-clips", ("item", n, "behind"))
        elif other is None:
            yield error("behind-unknown", ("item", n, "behind"), name=name, nearest=nearest(name, list(rows)) or "—")
        elif not _may_be_a_picture(other, context):
            yield error("behind-no-picture", ("item", n, "behind"), name=name)


def _may_be_a_picture(row: Mapping[str, Any], context: Context) -> bool:
    name = row.get("file") or row.get("sha256")
    if name is None:
        return False
    known = context.clip_kind(name) if context.clip_kind else None
    return (known or _kind_by_ending(row.get("file", "")) or "picture") == "picture"


def windows_end_after_they_begin(draft: Draft, _: Context) -> Iterator[Found]:
    """Rule 6."""
    edges: list[Found] = []
    begin, end = (_instant(draft, draft.head, (), key, edges) for key in ("from", "until"))
    due = _instant(draft, draft.head, (), "report_due", edges)
    if begin and end and end <= begin:
        yield error("until-not-after-from", ("until",))
        begin = end = None
    if begin and due and due < begin:
        yield error("report-before-from", ("report_due",))
    for n, row in enumerate(draft.items):
        path: Path = ("item", n)
        own_begin, own_end = (_instant(draft, row, path, key, edges) for key in ("from", "until"))
        if own_begin and own_end and own_end <= own_begin:
            yield error("until-not-after-from", (*path, "until"))
        elif begin and end and ((own_begin and own_begin >= end) or (own_end and own_end <= begin)):
            yield error("item-outside-window", (*path, "from" if own_begin and own_begin >= end else "until"))
        elif begin and own_begin and own_begin < begin:
            yield warning("item-window-cut", (*path, "from"))
        elif end and own_end and own_end > end:
            yield warning("item-window-cut", (*path, "until"))
    yield from edges


def _instant(draft: Draft, row: dict[str, object], path: Path, key: str, edges: list[Found]) -> datetime | None:
    when = row.get(key)
    if not isinstance(when, datetime) or "timezone" not in draft.head:
        return None
    try:
        return instant(when, ZoneInfo(draft.head["timezone"]))
    except OverflowError:
        edges.append(error("year-out-of-range", (*path, key), first=FIRST_YEAR, last=LAST_YEAR, value=when.year))
        return None


def rules_are_of_days(draft: Draft, _: Context) -> Iterator[Found]:
    """Rule 7."""
    for name, row in draft.dayparts.items():
        if "rrule" not in row:
            continue
        if row.get("days"):
            yield error("days-and-rrule", ("daypart", name, "rrule"))
        try:
            rrules.parse(row["rrule"], ZoneInfo(draft.head.get("timezone", "UTC")))
        except rrules.TimesInRuleError:
            yield error("rrule-not-days", ("daypart", name, "rrule"), value=shown(row["rrule"]))
        except ValueError:
            yield error("rrule-unreadable", ("daypart", name, "rrule"), value=shown(row["rrule"]))


def patterns_match_something(draft: Draft, _: Context) -> Iterator[Found]:
    """Rule 8, items. Silent while an item could not be named: it may be the one that is meant."""
    wild = {pattern for row in draft.placements for pattern in row.get("items", ()) if is_wild(pattern)}
    if len(wild) > _MOST_WILD:
        yield error("wildcards-too-many", ("placement",), most=_MOST_WILD, number=len(wild))
        for row in draft.placements:
            row.pop("items", None)
    known = [row["id"] for row in draft.items if "id" in row]
    for n, row in enumerate(draft.placements):
        for m, pattern in enumerate(row.get("items", ())):
            if not match_items(draft, pattern) and not draft.rows_lost:
                words = [f"tag:{t}" for r in draft.items for t in r.get("tags", ())] if ":" in pattern else known
                yield near("items-match-none", ("placement", n, "items", m), pattern, words)


def dayparts_are_known(draft: Draft, _: Context) -> Iterator[Found]:
    """Rule 8, dayparts."""
    for n, row in enumerate(draft.placements):
        for m, name in enumerate(row.get("dayparts", ())):
            if name not in draft.dayparts and not draft.dayparts_lost:
                yield near("daypart-unknown", ("placement", n, "dayparts", m), name, draft.dayparts)


def some_screen_remains(draft: Draft, _: Context) -> Iterator[Found]:
    """A placement that excludes every screen names none."""
    for n, row in enumerate(draft.placements):
        if "!*" in row.get("screens", ()):
            yield error("screens-none-left", ("placement", n, "screens", row["screens"].index("!*")))


def listed_orders_have_no_weights(draft: Draft, _: Context) -> Iterator[Found]:
    """Rule 9."""
    told: set[int] = set()
    asked: set[str] = set()
    for n, row in enumerate(draft.placements):
        if row.get("order") != "listed":
            continue
        for pattern in dict.fromkeys(row.get("items", ())):
            if pattern in asked:
                continue
            asked.add(pattern)
            for item in match_items(draft, pattern):
                if "weight" in draft.items[item]["given"] and item not in told:
                    told.add(item)
                    yield error("weight-when-listed", ("item", item, "weight"), placement=n + 1)


def everything_is_used(draft: Draft, _: Context) -> Iterator[Found]:
    """Rule 10. Silent where a placement could not be read whole, or names what is not there."""
    patterns = {pattern for row in draft.placements for pattern in row.get("items", ())}
    sound = draft.placements and all("items" in row for row in draft.placements)
    if sound and all(match_items(draft, pattern) for pattern in patterns):
        used = {n for pattern in patterns for n in match_items(draft, pattern)}
        behind = {row.get("behind") for row in draft.items}
        used |= {n for n, row in enumerate(draft.items) if row.get("id") in behind}
        for n, row in enumerate(draft.items):
            if n not in used and "id" in row:
                yield warning("item-unplaced", ("item", n, "id"), name=row["id"])
    named = {name for row in draft.placements for name in row.get("dayparts", ())}
    sound = all("dayparts" in row or "dayparts" not in row["given"] for row in draft.placements)
    for name in draft.dayparts if sound and named <= draft.dayparts.keys() else ():
        if name not in named and is_id(name):
            yield warning("daypart-unused", ("daypart", name), name=name)


def looks_have_a_meaning(draft: Draft, _: Context) -> Iterator[Found]:
    """Rule 10."""
    for n, row in enumerate(draft.items):
        slogan = "text" in row["given"]
        for name in ("effect", "color", "size_px", "px_per_s"):
            if name in row and not slogan:
                yield warning("look-not-for-clips", ("item", n, name), name=name)
        if "fit" in row and slogan:
            yield warning("fit-not-for-slogans", ("item", n, "fit"))


CHECKS: tuple[Check, ...] = (
    id_is_the_files_name,
    ids_are_there_once,
    content_is_given_once,
    durations_fit_the_kind,
    clips_are_there,
    what_stands_behind_is_a_picture,
    windows_end_after_they_begin,
    rules_are_of_days,
    patterns_match_something,
    dayparts_are_known,
    some_screen_remains,
    listed_orders_have_no_weights,
    everything_is_used,
    looks_have_a_meaning,
)
