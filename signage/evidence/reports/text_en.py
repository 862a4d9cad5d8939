"""The report in words, in English: the same chapters, tables and figures as in ``words``."""

from collections.abc import Iterator
from datetime import date, datetime

from signage.evidence.reports.report import CampaignReport, PlayTotals, ReportIncident, list_figures
from signage.evidence.reports.text_zh import ReportSection
from signage.messages import Language
from signage.messages import render_message as say

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
TOTALS_HEADERS = ("planned plays", "proven plays", "planned seconds", "proven seconds", "done")
GROUP_HEADERS = {"channels": "channel", "units": "unit"}
SCREEN_COUNT_HEADERS = ("screens", "with plays")
REACH_HEADERS = ("screens named", "screens with plays", "screen-hours planned", "screen-hours proven", "days shown")
DAY_HEADER, SCREEN_HEADER = "day", "screen"
VERDICT_HEADERS = ("found", "plays", "first", "last")
GAP_HEADERS = ("screen", "numbers", "plays", "why", "last heard of")
INCIDENT_HEADERS = ("no.", "found at", "screen", "what", "dispatched", "handled", "answered")
TAKEOVER_LABELS = {"takeover.start": "a takeover was started", "takeover.stop": "a takeover was stopped"}
SCREEN_KIND_LABELS = {
    "taxi-roof": "taxi roofs",
    "street": "street screens",
    "kiosk": "kiosks",
    "strip": "strips over doors",
    "wall": "large walls",
    "—": "screens removed since",
}
VERDICT_LABELS = {
    "as-planned": "as planned",
    "late": "later than planned",
    "cut": "cut short",
    "extra": "beyond the plan",
    "not-planned": "shown without being planned",
    "not-approved": "other content than was approved",
    "not-shown": "planned, not shown",
    "not-judged": "no playlist known to judge by",
}
GAP_LABELS = {"missing": "never received", "lost": "lost, the screen says", "rejected": "received, not readable"}
UNDATED_NOTE = " (when is not known)"
ACT_LABELS = {
    "campaign.load": "loaded from its file by",
    "campaign.save": "edited by",
    "campaign.submit": "submitted by",
    "campaign.approve": "approved by",
    "campaign.return": "returned by",
}
ACTOR_LABELS = {"folder": "the watched folder", "system": "the system"}
EMPTY_NOTE = "Nothing was planned in this period, and nothing was shown."


def title(report: CampaignReport) -> str:
    """The report's title."""
    return f"{report.title}: summary of the campaign"


def build_sections(report: CampaignReport) -> list[ReportSection]:
    """The five chapters. Tables and charts belong to the third."""
    return [
        ReportSection("1. Overview", tuple(_write_overview(report))),
        ReportSection("2. How it was organised", tuple(_write_organisation(report))),
        ReportSection("3. What was shown, by channel", tuple(_write_channels(report)), has_figures=True),
        ReportSection("4. Problems", tuple(_write_problems(report))),
        ReportSection("5. Next steps", tuple(_write_next_steps(report))),
    ]


def format_evidence(report: CampaignReport) -> list[str]:
    """The lines that prove: printed at the end of every report."""
    signed = report.checkpoint
    return [
        f"Checkpoint of the audit log: {signed.origin}",
        f"Entries: {signed.size}. Key: {', '.join(signed.keys)}",
        f"Root: {signed.root}",
        "To check: export a bundle, then run verify.py --key " + (signed.keys[0] if signed.keys else ""),
    ]


def format_time(at: datetime, report: CampaignReport) -> str:
    """A time."""
    local = at.astimezone(report.zone)
    text = format_date(at, report)
    return text if (local.hour, local.minute) == (0, 0) else f"{text}, {local.hour}:{local.minute:02}"


def format_short_time(at: datetime, report: CampaignReport) -> str:
    """A time, short, for tables."""
    return f"{at.astimezone(report.zone):%m-%d %H:%M}"


def format_day_label(day_: date) -> str:
    """A day, short, for charts."""
    return f"{day_.day} {day_:%b}"


def format_date(at: datetime, report: CampaignReport) -> str:
    """A date."""
    local = at.astimezone(report.zone)
    return f"{local.day} {local:%B} {local.year}"


def format_percent(one: PlayTotals) -> str:
    """How much of what was planned was shown."""
    return "—" if one.rate is None else f"{one.rate * 100:.1f}%"


def format_screen_kind(name: str) -> str:
    """A kind of screen, in words where it is known."""
    return SCREEN_KIND_LABELS.get(name, name)


def format_incident(one: ReportIncident) -> str:
    """What an incident is, as it was told or as the system found it."""
    return one.description or say(f"incident-{one.kind}", LANGUAGE, {"screen": one.screen or "", **one.facts})


def _write_overview(report: CampaignReport) -> Iterator[str]:
    total = report.total
    theme = f" Its theme: {report.theme}." if report.theme else ""
    yield (
        f"The campaign “{report.title}” ran from {format_time(report.from_, report)} until (not including) "
        f"{format_time(report.until, report)}, with {len(report.items)} slogans and clips.{theme}"
    )
    if report.is_empty:
        yield EMPTY_NOTE
        return
    screens, heard = report.screen_counts
    yield (
        f"Up to {format_time(report.counted_until, report)} "
        f"it reached {screens} screens, of which {heard} proved plays. "
        f"{total.planned:,} plays ({_format_hours(total.planned_ms)}) were planned; {total.proven:,} were shown whole, "
        f"{_format_hours(total.proven_ms)} in all: {format_percent(total)} of the time planned."
    )
    yield (
        "“Proven” rests on the records that the screens sent one by one, kept unchanged since their receipt. What was "
        "cut counts in time alone."
    )


def _write_organisation(report: CampaignReport) -> Iterator[str]:
    yield f"The campaign was run by {report.unit or '(the office)'}. (Please add who did what.)"
    units = [one.name for one in report.units if one.name not in ("", "—")]
    if units:
        yield f"Units whose screens took part: {', '.join(units)}."
    if report.actors:
        yield (
            "On record: "
            + "; ".join(f"{ACT_LABELS.get(verb, verb)} {ACTOR_LABELS.get(who, who)}" for verb, who in report.actors)
            + "."
        )
    yield (
        "All content is public service, without sponsors or advertising, and was approved before it was published; "
        "each playlist was signed, and verified by the screen that played it."
    )


def _write_channels(report: CampaignReport) -> Iterator[str]:
    if report.is_empty:
        yield EMPTY_NOTE
        return
    for one in report.channels:
        planned, proven, _, _ = list_figures(one.totals)
        yield (
            f"{format_screen_kind(one.name).capitalize()}: {one.screen_count} screens, "
            f"{one.proven_screen_count} with plays; {planned:,} plays planned, "
            f"{proven:,} proven, {_format_hours(one.totals.proven_ms)} shown, {format_percent(one.totals)}."
        )
    yield "The tables give the figures; seconds are those of all screens together."


def _write_problems(report: CampaignReport) -> Iterator[str]:
    exceptions = list(_write_exceptions(report))
    yield from exceptions
    for one in report.incidents:
        answered = one.get_step_time("answered")
        over = f"answered {format_time(answered, report)}" if answered else "not answered yet"
        where = f"{one.screen}: " if one.screen and one.description else ""
        yield f"{format_time(one.raised_at, report)}: {where}{format_incident(one)}; {over}."
    for order in report.takeover_events:
        yield f"{format_time(order.at, report)}: {TAKEOVER_LABELS.get(order.verb, order.verb)} ({order.takeover_id})."
    if not (exceptions or report.incidents or report.takeover_events):
        yield "No missing numbers, no missed plays and no wrong content were found."
    yield "(Please add other problems of the work.)"


def _write_exceptions(report: CampaignReport) -> Iterator[str]:
    for one in report.archive_damage:
        yield say(f"archive-{one.why}", LANGUAGE, {"day": one.day, "file": one.file})
    for found in report.verdict_totals:
        if found.verdict != "as-planned":
            span = f"{format_time(found.first, report)} to {format_time(found.last, report)}"
            yield f"{VERDICT_LABELS[found.verdict].capitalize()}: {found.plays:,} plays ({span})."
    for name, count in report.missing_counts.items():
        where = sorted({one.screen for one in report.missing_plays if one.why == name})
        undated = sum(one.count for one in report.missing_plays if one.why == name and not one.is_dated)
        doubt = f" Of {undated:,} it is not known when; they may be older than the campaign." if undated else ""
        yield f"Plays {GAP_LABELS[name]}: {count:,}, by the screens' own numbers ({_join_names(where)}).{doubt}"
    if report.doubled_screens:
        listed = _join_names(list(report.doubled_screens))
        yield f"Screens for which two players sent plays at once, so that some may count twice: {listed}."
    if report.unproven_screens:
        names = _join_names(report.unproven_screens)
        yield f"Screens that were planned and proved nothing: {len(report.unproven_screens)} ({names})."


def _write_next_steps(report: CampaignReport) -> Iterator[str]:
    steps = []
    if report.unproven_screens:
        steps.append("Look at each screen that proved nothing: power, line or fault, and who answers for it.")
    if report.missing_plays:
        steps.append("Check storage and line of the screens with missing numbers; send again what can be sent.")
    if any(report.verdict_counts.get(name) for name in ("late", "extra", "not-planned", "not-approved")):
        steps.append("Set the clocks and renew the players of screens that played late, or what was not planned.")
    steps.append("File the evidence bundle with this summary, for three years at the least.")
    yield from (f"{number}. {step}" for number, step in enumerate(steps, 1))
    yield "(Please add what comes next.)"


def _format_hours(ms: int) -> str:
    return f"{ms / 3_600_000:,.1f} hours"


def _join_names(names: list[str]) -> str:
    return ", ".join(names[:20]) + (" …" if len(names) > 20 else "")
