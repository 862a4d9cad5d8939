"""In which words a report speaks."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from signage.evidence.reports import text_en as english
from signage.evidence.reports import text_zh as words
from signage.evidence.reports.report import CampaignReport, PlayTotals, ReportIncident
from signage.evidence.reports.text_zh import ReportSection
from signage.messages import Language


class ReportText(Protocol):
    """What ``words`` (Chinese) and ``english`` have alike."""

    LANGUAGE: Language
    LABELS: dict[str, str]
    TOTALS_HEADERS: tuple[str, str, str, str, str]
    GROUP_HEADERS: dict[str, str]
    SCREEN_COUNT_HEADERS: tuple[str, str]
    REACH_HEADERS: tuple[str, str, str, str, str]
    DAY_HEADER: str
    SCREEN_HEADER: str
    VERDICT_HEADERS: tuple[str, str, str, str]
    GAP_HEADERS: tuple[str, str, str, str, str]
    INCIDENT_HEADERS: tuple[str, str, str, str, str, str, str]
    VERDICT_LABELS: dict[str, str]
    GAP_LABELS: dict[str, str]
    UNDATED_NOTE: str
    EMPTY_NOTE: str

    def title(self, report: CampaignReport) -> str: ...
    def build_sections(self, report: CampaignReport) -> list[ReportSection]: ...
    def format_evidence(self, report: CampaignReport) -> list[str]: ...
    def format_date(self, at: datetime, report: CampaignReport) -> str: ...
    def format_short_time(self, at: datetime, report: CampaignReport) -> str: ...
    def format_day_label(self, day_: date) -> str: ...
    def format_screen_kind(self, name: str) -> str: ...
    def format_percent(self, one: PlayTotals) -> str: ...
    def format_incident(self, one: ReportIncident) -> str: ...


_TEXTS: Mapping[Language, ReportText] = {"zh": words, "en": english}
LANGUAGES: Sequence[Language] = tuple(_TEXTS)


def get_report_text(language: Language) -> ReportText:
    """The words of a language."""
    return _TEXTS[language]
