"""What a screen shows, straight from the text of the rules: slow, plain, and sharing no code with the engine (its
values alone). Rules 1 and 6 to 8, and how a program plays its loop; rules 2 to 5 stand in ``oracle_loops``.

It asks every question anew at every instant. It assumes that nothing begins or ends but at whole quarters of an hour
of UTC, so that programs are found by walking a day quarter by quarter.
"""

import fnmatch
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from signage.model.campaign import Campaign, Placement
from signage.model.consent import Consent
from signage.model.daypart import Daypart
from signage.model.screen import Screen
from signage.model.takeover import Takeover
from signage.schedule.live_content import LiveItem, LivePlacement

QUARTER = timedelta(minutes=15)
DAY = timedelta(days=1)
NAMES = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

# 国务院办公厅关于2021年部分节假日安排的通知: days off, and weekends worked in exchange.
DAYS_OFF_2021 = """01-01 01-02 01-03 02-11 02-12 02-13 02-14 02-15 02-16 02-17 04-03 04-04 04-05 05-01 05-02 05-03 05-04
 05-05 06-12 06-13 06-14 09-19 09-20 09-21 10-01 10-02 10-03 10-04 10-05 10-06 10-07"""
WORKDAYS_2021 = "02-07 02-20 04-25 05-08 09-18 09-26 10-09"


class ScheduleOracle:
    """An installation as the oracle sees it."""

    def __init__(
        self,
        campaigns: list[Campaign],
        takeovers: list[Takeover],
        lengths: dict[str, object],
        overrides: dict[date, bool],
        unapproved: set[str],
        consents: list[Consent] | None = None,
    ) -> None:
        self.campaigns = sorted(campaigns, key=lambda c: c.id)
        self.takeovers = takeovers
        self.lengths = lengths
        self.overrides = overrides
        self.unapproved = unapproved
        self.consents = consents
        self._starts: dict[tuple[str, Daypart, date], bool] = {}
        self._active: dict[tuple[str, Daypart, datetime], bool] = {}
        self._resolved: dict[tuple[str, datetime], tuple[str, list[tuple[str, int, list[str]]]]] = {}

    # Rule 7

    def is_workday(self, day: date, zone: str) -> bool:
        if day in self.overrides:
            return self.overrides[day]
        if zone == "Asia/Shanghai" and day.year == 2021:
            if f"{day:%m-%d}" in DAYS_OFF_2021.split():
                return False
            if f"{day:%m-%d}" in WORKDAYS_2021.split():
                return True
        assert zone == "UTC" or (zone == "Asia/Shanghai" and (day.year == 2021 or day.year < 2001)), (
            "the oracle knows no other calendar"
        )
        return day.weekday() < 5

    # Rule 6

    def matches_day(self, word: str, day: date, zone: str) -> bool:
        if word == "workday":
            return self.is_workday(day, zone)
        if word == "holiday":
            return not self.is_workday(day, zone)
        if word[:3] in NAMES:
            first, last = NAMES.index(word[:3]), NAMES.index(word[-3:])
            number = first
            while True:
                if number == day.weekday():
                    return True
                if number == last:
                    return False
                number = (number + 1) % 7
        return word.split("/")[0] <= day.isoformat() <= word.split("/")[-1]

    def starts_on(self, part: Daypart, campaign: Campaign, day: date) -> bool:
        key = (campaign.id, part, day)
        if key not in self._starts:
            self._starts[key] = self._starts_on(part, campaign, day)
        return self._starts[key]

    def _starts_on(self, part: Daypart, campaign: Campaign, day: date) -> bool:
        if any(self.matches_day(word, day, campaign.timezone) for word in part.except_):
            return False
        if part.rrule is not None:
            begin = to_local_time(to_instant(campaign.from_, campaign.timezone), campaign.timezone).date()
            return matches_rule(part.rrule, begin, day)
        return not part.days or any(self.matches_day(word, day, campaign.timezone) for word in part.days)

    def is_active(self, part: Daypart, campaign: Campaign, at: datetime) -> bool:
        key = (campaign.id, part, at)
        if key not in self._active:
            self._active[key] = self._is_active(part, campaign, at)
        return self._active[key]

    def _is_active(self, part: Daypart, campaign: Campaign, at: datetime) -> bool:
        wall = to_local_time(at, campaign.timezone)
        for back in (0, 1):
            day = wall.date() - back * DAY
            if not self.starts_on(part, campaign, day):
                continue
            begin, end = datetime.combine(day, part.from_), datetime.combine(day, part.until)
            if end <= begin:
                end += DAY
            if begin <= wall < end:
                return True
        return False

    # Rule 1

    def list_campaign_items(
        self, campaign: Campaign, screen: Screen | None, owner: Screen, at: datetime
    ) -> list[tuple[int, list[str]]]:
        """(number of the placement, names of its items) for what *campaign* has to show on *owner*. *screen*: the
        same, whose selectors count; None: as its default campaign."""
        if campaign.id in self.unapproved or not is_within(campaign.from_, campaign.until, campaign.timezone, at):
            return []
        if not self.may_show(campaign, owner, at):
            return []
        found = []
        for number, placement in enumerate(campaign.placements, 1):
            if screen is not None and not matches_selectors(placement.screens, screen):
                continue
            parts = [p for p in campaign.dayparts if p.id in placement.dayparts]
            if parts and not any(self.is_active(p, campaign, at) for p in parts):
                continue
            items = [
                name for name in list_placement_items(campaign, placement) if self.is_item_live(campaign, name, at)
            ]
            if items:
                found.append((number, [f"{campaign.id}/{name}" for name in items]))
        return found

    # Rule 9

    def may_show(self, campaign: Campaign, screen: Screen, at: datetime) -> bool:
        if self.consents is None or screen.unit is None or campaign.unit in (None, screen.unit):
            return True
        return self.find_consent(campaign, screen, at) is not None

    def find_consent(self, campaign: Campaign, screen: Screen, at: datetime) -> Consent | None:
        """The consent by which a campaign of another unit shows: the most generous one, of equal ones the oldest."""
        if screen.unit is None or campaign.unit in (None, screen.unit):
            return None
        clock = to_local_time(at, screen.timezone).time()
        found = None
        for consent in sorted(self.consents or [], key=lambda c: c.number):
            if (consent.unit, consent.to) != (screen.unit, campaign.unit) or consent.campaign not in (
                None,
                campaign.id,
            ):
                continue
            if not matches_selectors(consent.screens, screen) or (consent.until is not None and consent.until <= at):
                continue
            if consent.hours is not None and not is_time_within(consent.hours.from_, consent.hours.until, clock):
                continue
            if found is None or get_generosity(consent) > get_generosity(found):
                found = consent
        return found

    def get_priority(self, campaign: Campaign, screen: Screen, at: datetime) -> int:
        consent = self.find_consent(campaign, screen, at)
        most = consent.max_priority if consent is not None else None
        return campaign.priority if most is None else min(campaign.priority, most)

    def is_item_live(self, campaign: Campaign, name: str, at: datetime) -> bool:
        item = next(i for i in campaign.items if i.id == name)
        full = f"{campaign.id}/{name}"
        ours = is_within(item.from_ or campaign.from_, item.until or campaign.until, campaign.timezone, at)
        return ours and full not in self.unapproved and isinstance(self.lengths.get(full), int)

    def resolve_without_takeovers(self, screen: Screen, at: datetime) -> tuple[str, list[tuple[str, int, list[str]]]]:
        """Without takeovers: the reason, and (campaign, placement, items) of the live content."""
        key = (screen.id, at)
        if key not in self._resolved:
            self._resolved[key] = self._resolve_without_takeovers(screen, at)
        return self._resolved[key]

    def _resolve_without_takeovers(self, screen: Screen, at: datetime) -> tuple[str, list[tuple[str, int, list[str]]]]:
        if screen.hours and not any(
            is_time_within(h.from_, h.until, to_local_time(at, screen.timezone).time()) for h in screen.hours
        ):
            return "operating hours", []
        showing = {c.id: self.list_campaign_items(c, screen, screen, at) for c in self.campaigns}
        able = [c for c in self.campaigns if showing[c.id]]
        if able:
            top = max(self.get_priority(c, screen, at) for c in able)
            tier = [c for c in able if self.get_priority(c, screen, at) == top]
            why = "; ".join(self.format_reason(c, showing[c.id], at) for c in tier)
            return why, [(c.id, n, items) for c in tier for n, items in showing[c.id]]
        for campaign in self.campaigns:
            if campaign.id == screen.default_campaign:
                shows = self.list_campaign_items(campaign, None, screen, at)
                if shows:
                    return f"default: {campaign.id}", [(campaign.id, n, items) for n, items in shows]
        return "fallback", [("", 0, ["_signage/still"])]

    def list_live_placements(self, screen: Screen, at: datetime) -> tuple[LivePlacement, ...]:
        """What is live beneath takeovers, with what its campaign's file says of each placement and item."""
        _, placements = self.resolve_without_takeovers(screen, at)
        return tuple(
            self.build_live_placement(campaign, number, names, screen, at)
            for campaign, number, names in placements
            if campaign
        )

    def build_live_placement(
        self, campaign_id: str, number: int, names: list[str], screen: Screen, at: datetime
    ) -> LivePlacement:
        campaign = next(c for c in self.campaigns if c.id == campaign_id)
        placement = campaign.placements[number - 1]
        listed = placement.order == "listed"
        weights = {f"{campaign_id}/{i.id}": 1 if listed or i.weight is None else i.weight for i in campaign.items}
        items = tuple(LiveItem(name, self.get_length(name), weights[name]) for name in names)
        most, gap = placement.max_per_hour, placement.min_gap_ms
        consent = self.find_consent(campaign, screen, at)
        most_share = consent.max_share if consent is not None else None
        share = placement.share if most_share is None else min(placement.share, most_share)
        return LivePlacement(campaign_id, number, items, share, listed, most, gap)

    def format_reason(self, campaign: Campaign, shows: list[tuple[int, list[str]]], at: datetime) -> str:
        words: list[str] = []
        for number, _ in shows:
            for name in campaign.placements[number - 1].dayparts:
                part = next(p for p in campaign.dayparts if p.id == name)
                if name not in words and self.is_active(part, campaign, at):
                    words.append(name)
        return campaign.id + (" / " + ", ".join(words) if words else "")

    def find_takeover(self, screen: Screen, at: datetime) -> Takeover | None:
        running = [t for t in self.takeovers if t.from_ <= at < t.ends_at and matches_selectors(t.screens, screen)]
        return max(running, key=lambda t: t.number, default=None)

    # The playlist document's programs, with a loop that plays every live item once, in order

    def resolve_at(self, screen: Screen, at: datetime) -> tuple[str, str | None, int]:
        """(why, item, position in the loop in ms) at the instant *at*."""
        over = self.find_takeover(screen, at)
        if over is not None:
            if over.blank:
                return f"takeover: {over.id}", None, 0
            name = over.item or f"_takeover/{over.id}"
            if not isinstance(self.lengths.get(name), int):
                name = "_signage/still"
            begin = max(over.from_, get_midnight_before(at, screen.timezone))
            return f"takeover: {over.id}", name, to_ms(at - begin) % self.get_length(name)
        why, live = self.resolve_without_takeovers(screen, at)
        loop = [name for _, _, items in live for name in items]
        if not loop:
            return why, None, 0
        begin, end = self.find_program(screen, at, (why, loop))
        return (why, *self.find_in_loop(screen, loop, begin, end, at))

    def find_program(self, screen: Screen, at: datetime, same: tuple[str, list[str]]) -> tuple[datetime, datetime]:
        def like(when: datetime) -> bool:
            why, live = self.resolve_without_takeovers(screen, when)
            return (why, [name for _, _, items in live for name in items]) == same

        quarter = at - (at - datetime(2000, 1, 1, tzinfo=UTC)) % QUARTER
        begin, end = quarter, quarter + QUARTER
        first, last = get_midnight_before(at, screen.timezone), get_midnight_after(at, screen.timezone)
        while begin > first and like(begin - QUARTER):
            begin -= QUARTER
        while end < last and like(end):
            end += QUARTER
        return begin, end

    def find_in_loop(
        self, screen: Screen, loop: list[str], begin: datetime, end: datetime, at: datetime
    ) -> tuple[str, int]:
        lengths = [self.get_length(name) for name in loop]
        phase = 0
        if to_ms(end - begin) < sum(lengths):
            d = to_local_time(begin, screen.timezone).date().toordinal()
            phase = sum(lengths[: (d * 11400714819323198485 % 2**64) * len(loop) // 2**64])
        position = (to_ms(at - begin) + phase) % sum(lengths)
        left = position
        for name, length in zip(loop, lengths, strict=True):
            if left < length:
                return name, position
            left -= length
        raise AssertionError

    def get_length(self, name: str) -> int:
        found = self.lengths[name]
        assert isinstance(found, int)
        return found


def get_generosity(consent: Consent) -> tuple[int, int]:
    priority, share = consent.max_priority, consent.max_share
    return (1000 if priority is None else priority, 10_000 if share is None else share)


def to_ms(span: timedelta) -> int:
    return span // timedelta(milliseconds=1)


def to_local_time(at: datetime, zone: str) -> datetime:
    """What a wall clock in *zone* reads."""
    return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


@cache
def to_instant(when: datetime, zone: str) -> datetime:
    """The first instant at which the clock reads *when* or, where it skips it, what comes after the skip."""
    if when.tzinfo is not None:
        return when.astimezone(UTC)
    at = when.replace(tzinfo=UTC) - timedelta(hours=16)
    while to_local_time(at, zone) < when:
        at += QUARTER
    return at


def is_within(begin: datetime, end: datetime, zone: str, at: datetime) -> bool:
    return to_instant(begin, zone) <= at < to_instant(end, zone)


def get_midnight_before(at: datetime, zone: str) -> datetime:
    day = to_local_time(at, zone).date()
    return to_instant(datetime.combine(day, time(0)), zone)


def get_midnight_after(at: datetime, zone: str) -> datetime:
    day = to_local_time(at, zone).date() + DAY
    while to_instant(datetime.combine(day, time(0)), zone) <= at:
        day += DAY
    return to_instant(datetime.combine(day, time(0)), zone)


def is_time_within(begin: object, end: object, clock: time) -> bool:
    assert isinstance(begin, time) and isinstance(end, time)
    return begin <= clock < end if begin < end else clock >= begin or clock < end


def matches_rule(rule: str, begin: date, day: date) -> bool:
    """The few rules that the tests use."""
    parts = dict(word.split("=") for word in rule.split(";"))
    count = 0
    at = begin
    while at <= day:
        since = (at - begin).days
        hit = {
            "DAILY": lambda s=since: s % int(parts.get("INTERVAL", "1")) == 0,
            "WEEKLY": lambda a=at: NAMES[a.weekday()][:2].upper() in parts["BYDAY"].split(","),
            "MONTHLY": lambda a=at: a.day == int(parts["BYMONTHDAY"]),
        }[parts["FREQ"]]()
        count += hit
        if "COUNT" in parts and count > int(parts["COUNT"]):
            return False
        if at == day:
            return bool(hit)
        at += DAY
    return False


def matches_selectors(selectors: tuple[str, ...], screen: Screen) -> bool:
    facts = {f"kind:{screen.kind}", f"screen:{screen.id}", f"unit:{screen.unit}" if screen.unit else "-"}
    facts |= {f"group:{g}" for g in screen.groups} | {f"tag:{t}" for t in screen.tags}

    def hits(word: str) -> bool:
        return word == "*" or any(fnmatch.fnmatchcase(fact, word) for fact in facts)

    if any(hits(s[1:]) for s in selectors if s[0] == "!"):
        return False
    wanted = [s for s in selectors if s[0] != "!"]
    return not wanted or any(hits(s) for s in wanted)


# Rule 8


def list_placement_items(campaign: Campaign, placement: Placement) -> list[str]:
    order: list[str] = []
    for pattern in placement.items:
        for item in campaign.items:
            by_tag = pattern.startswith("tag:") and any(fnmatch.fnmatchcase(t, pattern[4:]) for t in item.tags)
            if not (by_tag or fnmatch.fnmatchcase(item.id, pattern)):
                continue
            if item.id not in order or (placement.order == "listed" and pattern == item.id):
                order.append(item.id)
    return order
