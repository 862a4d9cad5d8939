"""Step ``content``: slogans and clips in order, converted between the page's controls and the campaign's rows."""

import json
import re
from collections.abc import Callable, Iterable

from signage.model.clip_facts import ClipKind
from signage.services.library.slogans import parse_slogan_list
from signage.web.console.pages.campaigns import campaign_form
from signage.web.console.pages.campaigns.campaign_form import FormValues

ClipKindLookup = Callable[[str], ClipKind | None]
NEW_SLOGANS = "new_text"
"""The field of slogans that are not rows yet, one per line."""
REMOVED_ROW = "removed"
"""The last removed row with its position, as JSON, until it is restored."""
_DEFAULT_PICTURE_SECONDS = "8"
_MAX_ITEMS = 2000
_SHA256 = re.compile(r"[0-9a-f]{64}")


def apply_content(values: FormValues, posted: FormValues, get_kind: ClipKindLookup) -> None:
    """Apply the order and the ticked clips of the page to *values*, whose fields it has already."""
    order = [parse_number(word) for word in posted.get("order", "").split()]
    rows = campaign_form.list_rows(values, "item")
    if sorted(order) == list(range(1, len(rows) + 1)):
        campaign_form.set_rows(values, "item", [rows[number - 1] for number in order])
    ticked = set(posted.getlist("clip"))
    for sha256 in posted.getlist("clip_shown"):
        if sha256 in ticked:
            add_clip(values, sha256, get_kind)
        else:
            rows = campaign_form.list_rows(values, "item")
            campaign_form.set_rows(values, "item", [row for row in rows if row.get("sha256") != sha256])


def parse_number(text: str) -> int:
    """Parse the number of a row or a version; -1 where *text* is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else -1


def add_new_slogans(values: FormValues, more: Iterable[str] = ()) -> None:
    """Make a row of each line of the field of new slogans, and of *more*."""
    texts = [*parse_slogan_list(values.get(NEW_SLOGANS, "")), *more]
    values[NEW_SLOGANS] = ""
    campaign_form.add_texts(values, texts[: _MAX_ITEMS - campaign_form.count_rows(values, "item")], "slogan")


def add_clip(values: FormValues, sha256: str, get_kind: ClipKindLookup) -> None:
    """Append a row for a clip of the library, unless there is one."""
    rows = campaign_form.list_rows(values, "item")
    kind = get_kind(sha256) if _SHA256.fullmatch(sha256) else None
    if kind is None or len(rows) >= _MAX_ITEMS or any(row.get("sha256") == sha256 for row in rows):
        return
    stem = "film" if kind == "film" else "picture"
    values[f"item[{campaign_form.add_row(values, 'item', stem)}].sha256"] = sha256


def fill_seconds(values: FormValues, get_kind: ClipKindLookup) -> None:
    """Drop the seconds of films, which have the length of their pictures, and give pictures the default."""
    for number in range(1, campaign_form.count_rows(values, "item") + 1):
        sha256 = values.get(f"item[{number}].sha256", "")
        if not sha256 or values.get(f"item[{number}].text", "").strip():
            continue
        name, kind = f"item[{number}].duration_s", get_kind(sha256)
        if kind == "film":
            values[name] = ""
        elif kind == "picture" and not values.get(name, "").strip():
            values[name] = _DEFAULT_PICTURE_SECONDS


def remove_item(values: FormValues, number: int) -> None:
    """Remove a row; it can be restored."""
    rows = campaign_form.list_rows(values, "item")
    if 1 <= number <= len(rows):
        values[REMOVED_ROW] = json.dumps([number, rows[number - 1]], ensure_ascii=False)
        campaign_form.drop_row(values, "item", number)


def restore_item(values: FormValues) -> None:
    """Put the last removed row back to its place."""
    removed = get_removed_item(values)
    if removed is not None:
        rows = campaign_form.list_rows(values, "item")
        rows.insert(removed[0] - 1, removed[1])
        campaign_form.set_rows(values, "item", rows)
    values[REMOVED_ROW] = ""


def get_removed_item(values: FormValues) -> tuple[int, dict[str, str]] | None:
    """Return the position and the fields of the last removed row."""
    try:
        number, row = json.loads(values.get(REMOVED_ROW) or "null")
        return int(number), {str(name): str(value) for name, value in row.items()}
    except (ValueError, TypeError, AttributeError):
        return None
