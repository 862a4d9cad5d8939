"""The report in words, in English: the same chapters, tables and figures as in ``words``."""

from collections.abc import Iterator
from datetime import date, datetime

from signage.evidence.reports.report import Report, Sum, Trouble, numbers
from signage.evidence.reports.text_zh import Section
from signage.messages import Language, say

LANGUAGE: Language = "en"
LABELS = {
    "items": "Plays by item",
    "reach": "Reach",
    "channels": "Plays by channel",
    "units": "Plays by unit",
    "days": "Plays by day",
    "screens": "Plays by screen",
    "found": "What the plays were found to be",
    "gaps": "Missing numbers",
    "troubles": "Incidents and their handling",
    "item-chart": "Planned and proven plays by item",
    "day-chart": "Planned and proven plays by day",
    "pictures": "What was shown",
    "table": "Table ",
    "figure": "Figure ",
    "planned": "planned",
    "proven": "proven",
    "unit": "plays",
    "chart": "Charts",
    "text": "Text",
    "proof": "How to check this report",
    "sign": "(the office)",
    "none": "—",
    "no-unit": "(no unit)",
}
SUMS = ("planned plays", "proven plays", "planned seconds", "proven seconds", "done")
GROUPS = {"channels": "channel", "units": "unit"}
SCREENS = ("screens", "with plays")
REACH = ("screens named", "screens with plays", "screen-hours planned", "screen-hours proven", "days shown")
DAY, SCREEN = "day", "screen"
FOUND = ("found", "plays", "first", "last")
MISSING = ("screen", "numbers", "plays", "why", "last heard of")
TROUBLES = ("no.", "found at", "screen", "what", "dispatched", "handled", "answered")
ORDERS = {"takeover.start": "a takeover was started", "takeover.stop": "a takeover was stopped"}
KINDS = {
    "taxi-roof": "taxi roofs",
    "street": "street screens",
    "kiosk": "kiosks",
    "strip": "strips over doors",
    "wall": "large walls",
    "—": "screens removed since",
}
VERDICTS = {
    "as-planned": "as planned",
    "late": "later than planned",
    "cut": "cut short",
    "extra": "beyond the plan",
    "not-planned": "shown without being planned",
    "not-approved": "other content than was approved",
    "not-shown": "planned, not shown",
    "not-judged": "no playlist known to judge by",
}
GAPS = {"missing": "never received", "lost": "lost, the screen says", "rejected": "received, not readable"}
UNDATED = " (when is not known)"
ACTS = {
    "campaign.load": "loaded from its file by",
    "campaign.save": "edited by",
    "campaign.submit": "submitted by",
    "campaign.approve": "approved by",
    "campaign.return": "returned by",
}
WHO = {"folder": "the watched folder", "system": "the system"}
EMPTY = "Nothing was planned in this period, and nothing was shown."


def title(report: Report) -> str:
    """The report's title."""
    return f"{report.title}: summary of the campaign"


def sections(report: Report) -> list[Section]:
    """The five chapters. Tables and charts belong to the third."""
    return [
        Section("1. Overview", tuple(_overview(report))),
        Section("2. How it was organised", tuple(_organised(report))),
        Section("3. What was shown, by channel", tuple(_channels(report)), figures=True),
        Section("4. Problems", tuple(_problems(report))),
        Section("5. Next steps", tuple(_next(report))),
    ]


def evidence(report: Report) -> list[str]:
    """The lines that prove: printed at the end of every report."""
    signed = report.signed
    return [
        f"Checkpoint of the audit log: {signed.origin}",
        f"Entries: {signed.size}. Key: {', '.join(signed.keys)}",
        f"Root: {signed.root}",
        "To check: export a bundle, then run verify.py --key " + (signed.keys[0] if signed.keys else ""),
    ]


def moment(at: datetime, report: Report) -> str:
    """A time."""
    local = at.astimezone(report.zone)
    text = day(at, report)
    return text if (local.hour, local.minute) == (0, 0) else f"{text}, {local.hour}:{local.minute:02}"


def clock(at: datetime, report: Report) -> str:
    """A time, short, for tables."""
    return f"{at.astimezone(report.zone):%m-%d %H:%M}"


def label(day_: date) -> str:
    """A day, short, for charts."""
    return f"{day_.day} {day_:%b}"


def day(at: datetime, report: Report) -> str:
    """A date."""
    local = at.astimezone(report.zone)
    return f"{local.day} {local:%B} {local.year}"


def percent(one: Sum) -> str:
    """How much of what was planned was shown."""
    return "—" if one.rate is None else f"{one.rate * 100:.1f}%"


def kind(name: str) -> str:
    """A kind of screen, in words where it is known."""
    return KINDS.get(name, name)


def trouble(one: Trouble) -> str:
    """What an incident is, as it was told or as the system found it."""
    return one.what or say(f"incident-{one.kind}", LANGUAGE, {"screen": one.screen or "", **one.facts})


def _overview(report: Report) -> Iterator[str]:
    total = report.total
    theme = f" Its theme: {report.theme}." if report.theme else ""
    yield (
        f"The campaign “{report.title}” ran from {moment(report.from_, report)} until (not including) "
        f"{moment(report.until, report)}, with {len(report.rows)} slogans and clips.{theme}"
    )
    if report.empty:
        yield EMPTY
        return
    screens, heard = report.reach
    yield (
        f"Up to {moment(report.through, report)} it reached {screens} screens, of which {heard} proved plays. "
        f"{total.planned:,} plays ({_hours(total.planned_ms)}) were planned; {total.proven:,} were shown whole, "
        f"{_hours(total.proven_ms)} in all: {percent(total)} of the time planned."
    )
    yield (
        "“Proven” rests on the records that the screens sent one by one, kept unchanged since their receipt. What was "
        "cut counts in time alone."
    )


def _organised(report: Report) -> Iterator[str]:
    yield f"The campaign was run by {report.unit or '(the office)'}. (Please add who did what.)"
    units = [one.name for one in report.units if one.name not in ("", "—")]
    if units:
        yield f"Units whose screens took part: {', '.join(units)}."
    if report.people:
        yield (
            "On record: "
            + "; ".join(f"{ACTS.get(verb, verb)} {WHO.get(who, who)}" for verb, who in report.people)
            + "."
        )
    yield (
        "All content is public service, without sponsors or advertising, and was approved before it was published; "
        "each playlist was signed, and verified by the screen that played it."
    )


def _channels(report: Report) -> Iterator[str]:
    if report.empty:
        yield EMPTY
        return
    for one in report.channels:
        planned, proven, _, _ = numbers(one.sum)
        yield (
            f"{kind(one.name).capitalize()}: {one.screens} screens, {one.heard} with plays; {planned:,} plays planned, "
            f"{proven:,} proven, {_hours(one.sum.proven_ms)} shown, {percent(one.sum)}."
        )
    yield "The tables give the figures; seconds are those of all screens together."


def _problems(report: Report) -> Iterator[str]:
    exceptions = list(_exceptions(report))
    yield from exceptions
    for one in report.troubles:
        answered = one.at("answered")
        over = f"answered {moment(answered, report)}" if answered else "not answered yet"
        where = f"{one.screen}: " if one.screen and one.what else ""
        yield f"{moment(one.raised_at, report)}: {where}{trouble(one)}; {over}."
    for order in report.orders:
        yield f"{moment(order.at, report)}: {ORDERS.get(order.verb, order.verb)} ({order.object})."
    if not (exceptions or report.troubles or report.orders):
        yield "No missing numbers, no missed plays and no wrong content were found."
    yield "(Please add other problems of the work.)"


def _exceptions(report: Report) -> Iterator[str]:
    for one in report.unfit:
        yield say(f"archive-{one.why}", LANGUAGE, {"day": one.day, "file": one.file})
    for found in report.found:
        if found.verdict != "as-planned":
            span = f"{moment(found.first, report)} to {moment(found.last, report)}"
            yield f"{VERDICTS[found.verdict].capitalize()}: {found.plays:,} plays ({span})."
    for name, count in report.lacking.items():
        where = sorted({one.screen for one in report.gaps if one.why == name})
        undated = sum(one.plays for one in report.gaps if one.why == name and not one.dated)
        doubt = f" Of {undated:,} it is not known when; they may be older than the campaign." if undated else ""
        yield f"Plays {GAPS[name]}: {count:,}, by the screens' own numbers ({_listed(where)}).{doubt}"
    if report.doubled:
        listed = _listed(list(report.doubled))
        yield f"Screens for which two players sent plays at once, so that some may count twice: {listed}."
    if report.silent:
        yield f"Screens that were planned and proved nothing: {len(report.silent)} ({_listed(report.silent)})."


def _next(report: Report) -> Iterator[str]:
    steps = []
    if report.silent:
        steps.append("Look at each screen that proved nothing: power, line or fault, and who answers for it.")
    if report.gaps:
        steps.append("Check storage and line of the screens with missing numbers; send again what can be sent.")
    if any(report.verdicts.get(name) for name in ("late", "extra", "not-planned", "not-approved")):
        steps.append("Set the clocks and renew the players of screens that played late, or what was not planned.")
    steps.append("File the evidence bundle with this summary, for three years at the least.")
    yield from (f"{number}. {step}" for number, step in enumerate(steps, 1))
    yield "(Please add what comes next.)"


def _hours(ms: int) -> str:
    return f"{ms / 3_600_000:,.1f} hours"


def _listed(names: list[str]) -> str:
    return ", ".join(names[:20]) + (" …" if len(names) > 20 else "")
