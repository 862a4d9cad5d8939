"""Text of a campaign report in one language: the usual form of an office's summary (活动总结), for Word, PDF and Excel.

The sentences are messages (``messages/*/reports.po``); this module decides which of them a report contains. What the
program cannot know stands in brackets, for the office to fill in.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

from babel.dates import format_date, format_skeleton

from signage.evidence.reports.report import CampaignReport, PlayTotals, ReportIncident, list_figures
from signage.messages import Language, has_message, render_message

LANGUAGES: Sequence[Language] = ("zh", "en")
_LOCALES = {"zh": "zh_Hans_CN", "en": "en_GB"}
_LABELS: tuple[str, ...] = (
    *("items", "reach", "channels", "units", "days", "screens", "found", "gaps", "troubles"),
    *("item-chart", "day-chart", "chart", "pictures", "table", "figure", "planned", "proven", "unit"),
    *("text", "proof", "sign", "none", "no-unit"),
)
_VERDICTS = ("as-planned", "late", "cut", "extra", "not-planned", "not-approved", "not-shown", "not-judged")
_KINDS = ("taxi-roof", "street", "kiosk", "strip", "wall")
_GAPS = ("missing", "lost", "rejected")
_DEVIATIONS = ("late", "extra", "not-planned", "not-approved")
MAX_LISTED_NAMES = 20


@dataclass(frozen=True, slots=True)
class ReportSection:
    """A chapter: its heading and its paragraphs. *has_figures*: tables and charts belong to it."""

    heading: str
    paragraphs: tuple[str, ...]
    has_figures: bool = False


class ReportText:
    """Labels, table headers and paragraphs of a report in *language*."""

    def __init__(self, language: Language) -> None:
        self.language: Language = language
        self.labels = {name: self._render(f"report-label-{name}") for name in _LABELS}
        self.totals_headers = self._headers(
            "planned-plays", "proven-plays", "planned-seconds", "proven-seconds", "done"
        )
        self.group_headers = dict(zip(("channels", "units"), self._headers("channel", "unit"), strict=True))
        self.screen_count_headers = self._headers("screens", "proven-screens")
        self.reach_headers = self._headers(
            "reach-screens", "reach-proven-screens", "planned-hours", "proven-hours", "days"
        )
        self.day_header, self.screen_header = self._headers("day", "screen")
        self.verdict_headers = self._headers("verdict", "records", "first", "last")
        self.gap_headers = self._headers("screen", "numbers", "records", "reason", "last-received")
        self.incident_headers = self._headers(
            "incident", "raised", "screen", "description", "dispatched", "handled", "answered"
        )
        self.verdict_labels = {name: self._render(f"verdict-{name}") for name in _VERDICTS}
        self.gap_labels = {name: self._render(f"gap-{name}") for name in _GAPS}
        self.undated_note = self._render("report-undated")
        self.empty_note = self._render("report-empty")
        self.outside_label = self._render("report-outside")

    def title(self, report: CampaignReport) -> str:
        """Return the report's title."""
        return self._render("report-title", title=report.title)

    def build_sections(self, report: CampaignReport) -> list[ReportSection]:
        """Return the five chapters. Tables and charts belong to the third."""
        chapters = {
            "overview": self._write_overview(report),
            "organisation": self._write_organisation(report),
            "channels": self._write_channels(report),
            "problems": self._write_problems(report),
            "next": self._write_next_steps(report),
        }
        return [
            ReportSection(self._render(f"report-section-{name}"), tuple(paragraphs), name == "channels")
            for name, paragraphs in chapters.items()
        ]

    def format_evidence(self, report: CampaignReport) -> list[str]:
        """Return the lines that let a reader check the report, printed at its end."""
        signed = report.checkpoint
        return [
            self._render("report-checkpoint", origin=signed.origin),
            self._render("report-checkpoint-entries", size=signed.size, keys=self._join(signed.keys)),
            self._render("report-checkpoint-root", root=signed.root),
            self._render("report-checkpoint-check", key=signed.keys[0] if signed.keys else ""),
        ]

    def format_date(self, at: datetime, report: CampaignReport) -> str:
        """Return the date of *at* in the report's zone."""
        return str(format_date(at.astimezone(report.zone), "long", locale=_LOCALES[self.language]))

    def format_time(self, at: datetime, report: CampaignReport) -> str:
        """Return date and time of *at* in the report's zone; midnight is the date alone."""
        local, day = at.astimezone(report.zone), self.format_date(at, report)
        if (local.hour, local.minute) == (0, 0):
            return day
        return self._render("report-time", date=day, time=f"{local.hour}:{local.minute:02}")

    def format_short_time(self, at: datetime, report: CampaignReport) -> str:
        """Return a short time for tables."""
        return f"{at.astimezone(report.zone):%m-%d %H:%M}"

    def format_day_label(self, day: date) -> str:
        """Return a short day for charts."""
        return str(format_skeleton("MMMd", day, locale=_LOCALES[self.language]))

    def format_screen_kind(self, name: str) -> str:
        """Return the name of a kind of screen; its id where it has none."""
        if name == "—":
            return self._render("report-kind-removed")
        return self._render(f"report-kind-{name}") if name in _KINDS else name

    def format_percent(self, totals: PlayTotals) -> str:
        """Return how much of the planned time was shown."""
        return "—" if totals.rate is None else f"{totals.rate * 100:.1f}%"

    def format_incident(self, incident: ReportIncident) -> str:
        """Return what an incident is, as it was reported or as the system found it."""
        return incident.description or self._render(
            f"incident-{incident.kind}", **{"screen": incident.screen or "", **incident.facts}
        )

    def _write_overview(self, report: CampaignReport) -> Iterator[str]:
        yield self._render(
            "report-overview",
            title=report.title,
            begin=self.format_time(report.from_, report),
            end=self.format_time(report.until, report),
            theme=self._render("report-theme", theme=report.theme) if report.theme else "",
            items=len(report.items),
        )
        if report.is_empty:
            yield self.empty_note
            return
        screens, proven_screens = report.screen_counts
        yield self._render(
            "report-overview-figures",
            at=self.format_time(report.counted_until, report),
            screens=screens,
            heard=proven_screens,
            **self._list_totals(report.total),
        )
        yield self.format_counted_from(report)
        yield self._render("report-overview-proof")

    def format_counted_from(self, report: CampaignReport) -> str:
        """Return from when planned plays are counted."""
        if report.counted_from is None:
            return self._render("report-counted-nothing")
        return self._render("report-counted-from", at=self.format_time(report.counted_from, report))

    def _write_organisation(self, report: CampaignReport) -> Iterator[str]:
        yield self._render("report-organiser", unit=report.unit or self._render("report-organiser-blank"))
        units = [unit.name for unit in report.units if unit.name not in ("", "—")]
        if units:
            yield self._render("report-units", units=self._join(units))
        if report.actors:
            steps = [
                self._render("report-step", act=self._name_act(verb), actor=self._name_actor(who))
                for verb, who in report.actors
            ]
            yield self._render("report-steps", steps=self._render("report-step-separator").join(steps))
        yield self._render("report-public-service")

    def _write_channels(self, report: CampaignReport) -> Iterator[str]:
        if report.is_empty:
            yield self.empty_note
            return
        for channel in report.channels:
            yield self._render(
                "report-channel",
                kind=_capitalize(self.format_screen_kind(channel.name)),
                screens=channel.screen_count,
                heard=channel.proven_screen_count,
                **self._list_totals(channel.totals),
            )
        yield self._render("report-channels-note")

    def _write_problems(self, report: CampaignReport) -> Iterator[str]:
        exceptions = list(self._write_exceptions(report))
        yield from exceptions
        for incident in report.incidents:
            answered = incident.get_step_time("answered")
            is_screen_named = bool(incident.screen and incident.description)
            yield self._render(
                "report-incident",
                at=self.format_time(incident.raised_at, report),
                screen=self._render("report-incident-screen", screen=incident.screen) if is_screen_named else "",
                what=self.format_incident(incident),
                answer=self._render("report-answered", at=self.format_time(answered, report))
                if answered
                else self._render("report-not-answered"),
            )
        for event in report.takeover_events:
            at, act = self.format_time(event.at, report), self._name_act(event.verb)
            yield self._render("report-takeover", at=at, act=act, id=event.takeover_id)
        if not (exceptions or report.incidents or report.takeover_events):
            yield self._render("report-no-problems")
        yield self._render("report-add-problems")

    def _write_exceptions(self, report: CampaignReport) -> Iterator[str]:
        for damage in report.archive_damage:
            yield self._render(f"archive-{damage.why}", day=damage.day, file=damage.file)
        for totals in report.verdict_totals:
            if totals.verdict != "as-planned":
                yield self._render(
                    "report-verdict",
                    verdict=_capitalize(self.verdict_labels[totals.verdict]),
                    plays=f"{totals.plays:,}",
                    first=self.format_time(totals.first, report),
                    last=self.format_time(totals.last, report),
                )
        for name, count in report.missing_counts.items():
            missing = [gap for gap in report.missing_plays if gap.why == name]
            undated = sum(gap.count for gap in missing if not gap.is_dated)
            yield self._render(
                "report-gap",
                gap=self.gap_labels[name],
                plays=f"{count:,}",
                screens=self._list_names(sorted({gap.screen for gap in missing})),
                undated=self._render("report-gap-undated", plays=f"{undated:,}") if undated else "",
            )
        for code, screens in (("doubled", report.doubled_screens), ("unproven", report.unproven_screens)):
            if screens:
                yield self._render(f"report-{code}-screens", count=len(screens), screens=self._list_names(screens))

    def _write_next_steps(self, report: CampaignReport) -> Iterator[str]:
        steps = ["unproven"] if report.unproven_screens else []
        steps += ["gaps"] if report.missing_plays else []
        steps += ["deviations"] if any(report.verdict_counts.get(name) for name in _DEVIATIONS) else []
        for number, step in enumerate((*steps, "archive"), 1):
            yield self._render("report-numbered", number=number, text=self._render(f"report-next-{step}"))
        yield self._render("report-add-next")

    def _list_totals(self, totals: PlayTotals) -> dict[str, object]:
        planned, proven, _, _ = list_figures(totals)
        return {
            "planned": f"{planned:,}",
            "planned_hours": self._format_hours(totals.planned_ms),
            "proven": f"{proven:,}",
            "proven_hours": self._format_hours(totals.proven_ms),
            "percent": self.format_percent(totals),
        }

    def _name_act(self, verb: str) -> str:
        code = f"report-act-{verb.replace('.', '-')}"
        return self._render(code) if has_message(code) else verb

    def _name_actor(self, who: str) -> str:
        code = f"report-actor-{who}"
        return self._render(code) if has_message(code) else who

    def _format_hours(self, ms: int) -> str:
        return self._render("report-hours", hours=f"{ms / 3_600_000:,.1f}")

    def _list_names(self, names: Sequence[str]) -> str:
        more = self._render("report-more") if len(names) > MAX_LISTED_NAMES else ""
        return self._join(names[:MAX_LISTED_NAMES]) + more

    def _join(self, names: Iterable[str]) -> str:
        return self._render("report-separator").join(names)

    def _headers(self, *names: str) -> tuple[str, ...]:
        return tuple(self._render(f"report-head-{name}") for name in names)

    def _render(self, code: str, /, **facts: object) -> str:
        return render_message(code, self.language, facts)


def _capitalize(text: str) -> str:
    return text[:1].upper() + text[1:]


@cache
def get_report_text(language: Language) -> ReportText:
    """Return the report text of *language*."""
    return ReportText(language)
