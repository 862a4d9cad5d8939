"""Forms that keep what was typed and show each fault at its field.

A view makes a ``Form`` (of the request's values, or of what is stored), reads its fields, calls an act inside
``with form.catching():`` and, if ``form.faults`` is not empty after that, answers with its page again.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from flask import request
from werkzeug.datastructures import MultiDict

from signage.faults import Fault, FaultLocation, Refused
from signage.messages import render_fault, render_hint
from signage.model.local_time import to_instant
from signage.web.console.framework.i18n import get_language
from signage.web.http.status_codes import get_status
from signage.web.security.cookies_csrf import CSRF_FIELD


class Form:
    """The values of a form's fields as texts, and what is wrong with them."""

    def __init__(self, values: Mapping[str, object] | None = None) -> None:
        self.values: MultiDict[str, str] = MultiDict()
        self.faults: list[Fault] = []
        self._status = 422
        for name, value in (values or {}).items():
            for entry in value if isinstance(value, list | tuple | set | frozenset) else (value,):
                self.values.add(name, "" if entry is None else str(entry))

    @classmethod
    def from_request(cls) -> "Form":
        """What the browser sent."""
        form = cls()
        for name, value in request.form.items(multi=True):
            if name != CSRF_FIELD:
                form.values.add(name, value.replace("\r\n", "\n"))
        return form

    @classmethod
    def from_query(cls) -> "Form":
        """The fields of an address: for searches."""
        form = cls()
        for name, value in request.args.items(multi=True):
            form.values.add(name, value)
        return form

    # -- fields ---------------------------------------------------------------------------------------------------

    def get_text(self, name: str, default: str = "") -> str:
        """A field's text without white space around it."""
        return self.values.get(name, default).strip()

    def get_raw_text(self, name: str) -> str:
        """A field's text to the letter (a password)."""
        return self.values.get(name, "")

    def get_optional_text(self, name: str) -> str | None:
        """A field's text; None where it is empty."""
        return self.get_text(name) or None

    def get_list(self, name: str) -> list[str]:
        """All values of a field (boxes that are ticked)."""
        return [value for value in self.values.getlist(name) if value.strip()]

    def get_words(self, name: str) -> tuple[str, ...]:
        """A field's words, parted by spaces, commas or lines."""
        return tuple(self.get_text(name).replace(",", " ").replace("，", " ").replace("、", " ").split())

    def get_lines(self, name: str) -> list[str]:
        """A field's lines that are not empty."""
        return [line.strip() for line in self.values.get(name, "").split("\n") if line.strip()]

    def is_checked(self, name: str) -> bool:
        """Whether a box is ticked."""
        return bool(self.values.get(name))

    def get_int(self, name: str) -> int | None:
        """A whole number; None where the field is empty, and a fault where it is none."""
        number = self._parse(name, int, "form-whole")
        return number if isinstance(number, int) else None

    def get_float(self, name: str) -> float | None:
        """A number; None where the field is empty, and a fault where it is none."""
        number = self._parse(name, float, "form-number")
        return number if isinstance(number, float) and abs(number) < 1e15 else None

    def get_local_datetime(self, name: str) -> datetime | None:
        """A date and time (``2021-03-15T08:00``) without a zone; None where the field is empty."""
        moment = self._parse(name, datetime.fromisoformat, "form-moment")
        return moment if isinstance(moment, datetime) else None

    def get_instant(self, name: str, zone: ZoneInfo) -> datetime | None:
        """The instant of a date and time that is meant in *zone*."""
        moment = self.get_local_datetime(name)
        return None if moment is None else to_instant(moment, zone)

    def get_date(self, name: str) -> date | None:
        """A date; None where the field is empty."""
        day = self._parse(name, date.fromisoformat, "form-day")
        return day if isinstance(day, date) else None

    def get_time_of_day(self, name: str) -> time | None:
        """A time of day; None where the field is empty."""
        clock_time = self._parse(name, time.fromisoformat, "form-time")
        return clock_time if isinstance(clock_time, time) else None

    def _parse(self, name: str, parse: object, code: str) -> object:
        text = self.get_text(name)
        if not text:
            return None
        try:
            return parse(text)  # type: ignore[operator]
        except ValueError:
            self.add_fault(code, name, text=text[:60])
            return None

    # -- faults ---------------------------------------------------------------------------------------------------

    def add_fault(self, code: str, name: str, **facts: object) -> None:
        """Say that a field is wrong."""
        self.faults.append(Fault("error", code, FaultLocation(key=name), facts))

    def require_fields(self, *names: str) -> None:
        """Say so of each of these fields that is empty."""
        for name in names:
            if not self.get_list(name):
                self.add_fault("form-needed", name)

    @contextmanager
    def collect_faults(self, names: Mapping[str, str] | None = None) -> Iterator[None]:
        """Take the faults of a refused act as the form's; *names*: the act's keys that fields have other names for."""
        try:
            yield
        except Refused as refused:
            self._status = get_status(refused)
            self.faults += [_rename_field(fault, names or {}) for fault in refused.faults]

    @property
    def status(self) -> int:
        """The status of the page that shows the form again."""
        return self._status if self.faults else 200

    @property
    def errors(self) -> list[Fault]:
        """What is wrong; warnings are not."""
        return [fault for fault in self.faults if fault.level == "error"]

    def get_faults_of(self, name: str) -> list[Fault]:
        """The faults of one field, and of what lies inside it (``items[2].text`` inside ``items``)."""
        return [f for f in self.faults if f.location.key == name or f.location.key.startswith((name + "[", name + "."))]


def format_message(fault: Fault) -> str:
    """What is wrong, in the reader's language."""
    return render_fault(fault, get_language(), "console")


def format_hint(fault: Fault) -> str:
    """How to mend it, in the reader's language; may be empty."""
    return render_hint(fault, get_language(), "console")


def format_fault_lines(faults: Iterable[Fault]) -> list[str]:
    """Faults as lines of text."""
    return [f"{format_message(fault)} {format_hint(fault)}".strip() for fault in faults]


def _rename_field(fault: Fault, names: Mapping[str, str]) -> Fault:
    key = names.get(fault.location.key)
    if key is None:
        return fault
    return Fault(fault.level, fault.code, FaultLocation(fault.location.file, fault.location.line, key), fault.facts)
