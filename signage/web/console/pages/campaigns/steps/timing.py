"""Step ``when``: first and last day, weekdays and hours, converted to the campaign's window and its dayparts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from signage.model.daypart import DateRangeRule, OfficialDayRule, parse_day_rule
from signage.web.console.pages.campaigns import campaign_form
from signage.web.console.pages.campaigns.campaign_form import FormValues

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_WORDS = (*WEEKDAYS, "workday", "holiday")
Slot = tuple[str, str]
"""Start and end of a time slot as ``HH:MM``."""
ALL_DAY: Slot = ("00:00", "00:00")
SLOT_PRESETS: dict[str, tuple[Slot, ...]] = {
    "all": (),
    "rush": (("07:00", "09:00"), ("17:00", "19:00")),
    "morning": (("07:00", "09:00"),),
    "work": (("09:00", "17:00"),),
    "day": (("06:30", "22:00"),),
    "evening": (("18:00", "22:00"),),
}
_MAX_SLOTS = 24


@dataclass(frozen=True, slots=True)
class Timing:
    """The days (words of ``DAY_WORDS``; none: every day) and the slots of each day (none: all day)."""

    days: tuple[str, ...] = ()
    slots: tuple[Slot, ...] = ()


def parse_timing(values: FormValues) -> Timing | None:
    """Return the dayparts as days and slots; None where the page cannot show them."""
    rows = campaign_form.list_rows(values, "daypart")
    if campaign_form.count_rows(values, "placement") != 1:
        return None
    if sorted(values.get("placement[1].dayparts", "").split()) != sorted(row.get("id", "") for row in rows):
        return None
    if not rows:
        return Timing()
    if any(row.get("rrule") or row.get("except") or row.get("days") != rows[0].get("days") for row in rows):
        return None
    days = _parse_days(rows[0].get("days", ""))
    slots = tuple((row.get("from", "") or "00:00", row.get("until", "") or "00:00") for row in rows)
    return None if days is None else Timing(days, () if slots == (ALL_DAY,) else slots)


def _parse_days(text: str) -> tuple[str, ...] | None:
    found: set[str] = set()
    for word in text.split():
        try:
            rule = parse_day_rule(word)
        except ValueError:
            return None
        if isinstance(rule, DateRangeRule):
            return None
        found |= {rule.kind} if isinstance(rule, OfficialDayRule) else {WEEKDAYS[day] for day in rule.days}
    return tuple(word for word in DAY_WORDS if word in found)


def apply_timing(values: FormValues, posted: FormValues) -> None:
    """Take the days and slots of the page, and the first and last day."""
    if "days_shown" in posted and parse_timing(values) is not None:
        days = tuple(word for word in DAY_WORDS if word in posted.getlist("day"))
        slots = zip(posted.getlist("slot_from"), posted.getlist("slot_until"), strict=False)
        set_timing(values, Timing(days, tuple((begin.strip(), end.strip()) for begin, end in slots)))
    if "first_day" in posted:
        values["from"] = _to_midnight(posted["first_day"], 0)
    if "last_day" in posted:
        values["until"] = _to_midnight(posted["last_day"], 1)


def set_timing(values: FormValues, timing: Timing) -> None:
    """Replace the dayparts: one for each slot, all with the same days."""
    slots = timing.slots[:_MAX_SLOTS] or ((ALL_DAY,) if timing.days else ())
    days = "" if set(WEEKDAYS) <= set(timing.days) else " ".join(timing.days)
    rows = [
        {"id": f"hours-{number}", "days": days, "from": begin, "until": end, "except": "", "rrule": ""}
        for number, (begin, end) in enumerate(slots, 1)
        if begin or end
    ]
    campaign_form.set_rows(values, "daypart", rows)
    values["placement[1].dayparts"] = " ".join(row["id"] for row in rows)


def change_slots(values: FormValues, action: str) -> None:
    """Do ``slots-PRESET``, ``add-slot`` or ``drop-slot-N``."""
    timing = parse_timing(values)
    if timing is None:
        return
    slots: Iterable[Slot] = timing.slots
    preset = action.removeprefix("slots-")
    if preset in SLOT_PRESETS:
        slots = SLOT_PRESETS[preset]
    elif action == "add-slot":
        slots = (*timing.slots, ("08:00", "12:00"))
    elif action.startswith("drop-slot-"):
        number = action.removeprefix("drop-slot-")
        slots = (slot for n, slot in enumerate(timing.slots, 1) if str(n) != number)
    set_timing(values, Timing(timing.days, tuple(slots)))


def get_day_fields(values: FormValues) -> tuple[str, str] | None:
    """Return the first and the last day for fields of dates; None where the window has times of day or offsets."""
    begin, end = values.get("from", ""), values.get("until", "")
    if (begin and not _is_midnight_or_text(begin)) or (end and not _is_midnight_or_text(end)):
        return None
    return begin[:10], _shift_day(end[:10], -1)


def _is_midnight_or_text(text: str) -> bool:
    """Whether *text* is a midnight, or no moment at all: what was typed into a field of dates comes back there."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return True
    return at.tzinfo is None and at == at.replace(hour=0, minute=0, second=0, microsecond=0)


def parse_day(text: str) -> date | None:
    """Parse a date; None where it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _to_midnight(text: str, days: int) -> str:
    shifted = _shift_day(text.strip(), days)
    return f"{shifted}T00:00" if parse_day(shifted) else shifted


def _shift_day(text: str, days: int) -> str:
    try:
        return (date.fromisoformat(text) + timedelta(days=days)).isoformat()
    except (ValueError, OverflowError):
        return text
