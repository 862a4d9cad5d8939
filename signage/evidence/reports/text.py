"""In which words a report speaks."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from signage.evidence.reports import text_en as english
from signage.evidence.reports import text_zh as words
from signage.evidence.reports.report import Report, Sum, Trouble
from signage.evidence.reports.text_zh import Section
from signage.messages import Language


class Wording(Protocol):
    """What ``words`` (Chinese) and ``english`` have alike."""

    LANGUAGE: Language
    LABELS: dict[str, str]
    SUMS: tuple[str, str, str, str, str]
    GROUPS: dict[str, str]
    SCREENS: tuple[str, str]
    REACH: tuple[str, str, str, str, str]
    DAY: str
    SCREEN: str
    FOUND: tuple[str, str, str, str]
    MISSING: tuple[str, str, str, str, str]
    TROUBLES: tuple[str, str, str, str, str, str, str]
    VERDICTS: dict[str, str]
    GAPS: dict[str, str]
    UNDATED: str
    EMPTY: str

    def title(self, report: Report) -> str: ...
    def sections(self, report: Report) -> list[Section]: ...
    def evidence(self, report: Report) -> list[str]: ...
    def day(self, at: datetime, report: Report) -> str: ...
    def clock(self, at: datetime, report: Report) -> str: ...
    def label(self, day_: date) -> str: ...
    def kind(self, name: str) -> str: ...
    def percent(self, one: Sum) -> str: ...
    def trouble(self, one: Trouble) -> str: ...


_WORDS: Mapping[Language, Wording] = {"zh": words, "en": english}
LANGUAGES: Sequence[Language] = tuple(_WORDS)


def wording(language: Language) -> Wording:
    """The words of a language."""
    return _WORDS[language]
