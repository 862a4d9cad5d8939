"""Forms that retain what was typed and show each fault at its field.

A view creates a ``Form`` (from the request or from stored values), reads its fields and calls a service inside
``with form.collect_faults():``; if ``form.errors`` is not empty afterwards, it renders its page again.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from flask import request
from werkzeug.datastructures import MultiDict

from signage.faults import Fault, FaultLocation, Refused
from signage.messages import find_text, render_fault, render_hint
from signage.model.local_time import to_instant
from signage.web.console.framework.i18n import get_language
from signage.web.http.status_codes import get_status
from signage.web.security.cookies_csrf import CSRF_FIELD


class Form:
    """The values of a form's fields as text, and its faults."""

    def __init__(self, values: Mapping[str, object] | None = None) -> None:
        self.values: MultiDict[str, str] = MultiDict()
        self.faults: list[Fault] = []
        self._status = 422
        for name, value in (values or {}).items():
            for entry in value if isinstance(value, list | tuple | set | frozenset) else (value,):
                self.values.add(name, "" if entry is None else str(entry))

    @classmethod
    def from_request(cls) -> "Form":
        """Read the request's form."""
        form = cls()
        for name, value in request.form.items(multi=True):
            if name != CSRF_FIELD:
                form.values.add(name, value.replace("\r\n", "\n"))
        return form

    @classmethod
    def from_query(cls) -> "Form":
        """Read the query parameters as a form."""
        form = cls()
        for name, value in request.args.items(multi=True):
            form.values.add(name, value)
        return form

    # -- fields ---------------------------------------------------------------------------------------------------

    def get_text(self, name: str, default: str = "") -> str:
        """Return a field's text, stripped."""
        return self.values.get(name, default).strip()

    def get_raw_text(self, name: str) -> str:
        """Return a field's text unchanged (a password)."""
        return self.values.get(name, "")

    def get_optional_text(self, name: str) -> str | None:
        """Return a field's text; None where it is empty."""
        return self.get_text(name) or None

    def get_list(self, name: str) -> list[str]:
        """Return all values of a field (checkboxes)."""
        return [value for value in self.values.getlist(name) if value.strip()]

    def get_words(self, name: str) -> tuple[str, ...]:
        """Split a field's text at white space and commas."""
        return tuple(self.get_text(name).replace(",", " ").replace("，", " ").replace("、", " ").split())

    def get_lines(self, name: str) -> list[str]:
        """Return a field's lines that are not empty."""
        return [line.strip() for line in self.values.get(name, "").split("\n") if line.strip()]

    def is_checked(self, name: str) -> bool:
        """Whether a checkbox is checked."""
        return bool(self.values.get(name))

    def get_int(self, name: str) -> int | None:
        """Parse an integer; None where the field is empty; adds a fault where it is invalid."""
        number = self._parse(name, int, "form-whole")
        return number if isinstance(number, int) else None

    def get_float(self, name: str) -> float | None:
        """Parse a number; None where the field is empty; adds a fault where it is invalid."""
        number = self._parse(name, float, "form-number")
        return number if isinstance(number, float) and abs(number) < 1e15 else None

    def get_local_datetime(self, name: str) -> datetime | None:
        """Parse a date and time (``2021-03-15T08:00``) without an offset; None where the field is empty."""
        moment = self._parse(name, datetime.fromisoformat, "form-moment")
        return moment if isinstance(moment, datetime) else None

    def get_instant(self, name: str, zone: ZoneInfo) -> datetime | None:
        """Parse a date and time in *zone*."""
        moment = self.get_local_datetime(name)
        return None if moment is None else to_instant(moment, zone)

    def get_date(self, name: str) -> date | None:
        """Parse a date; None where the field is empty."""
        day = self._parse(name, date.fromisoformat, "form-day")
        return day if isinstance(day, date) else None

    def get_time_of_day(self, name: str) -> time | None:
        """Parse a time of day; None where the field is empty."""
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
        """Add a fault of field *name*."""
        self.faults.append(Fault("error", code, FaultLocation(key=name), facts))

    def require_fields(self, *names: str) -> None:
        """Add a fault for each of these fields that is empty."""
        for name in names:
            if not self.get_list(name):
                self.add_fault("form-needed", name)

    @contextmanager
    def collect_faults(self, names: Mapping[str, str] | None = None) -> Iterator[None]:
        """Add the faults of a refused service call to the form. *names*: the service's key → the field's name."""
        try:
            yield
        except Refused as refused:
            self._status = get_status(refused)
            self.faults += [_rename_field(fault, names or {}) for fault in refused.faults]

    @property
    def status(self) -> int:
        """The HTTP status of the page that shows the form again."""
        return self._status if self.faults else 200

    @property
    def errors(self) -> list[Fault]:
        """The faults that are not warnings."""
        return [fault for fault in self.faults if fault.level == "error"]

    def get_faults_of(self, name: str) -> list[Fault]:
        """Return the faults of a field and of its parts (``items[2].text`` of ``items``)."""
        return [f for f in self.faults if f.location.key == name or f.location.key.startswith((name + "[", name + "."))]


def format_message(fault: Fault) -> str:
    """Render the message of a fault in the reader's language."""
    return render_fault(fault, get_language(), "console")


def format_hint(fault: Fault) -> str:
    """Render the hint of a fault in the reader's language; may be empty."""
    return render_hint(fault, get_language(), "console")


def format_location(fault: Fault) -> str:
    """Render the place of a fault by the labels of its fields: ``item[2].text`` is ``Item 2 · Slogan``."""
    key = re.sub(r"^(daypart)\.[^.]+\.?", r"\1.", fault.location.key).strip(".")
    return " · ".join(_format_key_part(part) for part in key.split(".") if part)


def _format_key_part(part: str) -> str:
    name, _, number = part.rstrip("]").partition("[")
    return f"{find_text('label', name, get_language()) or name} {number}".strip()


def format_fault_lines(faults: Iterable[Fault]) -> list[str]:
    """Render faults as lines of text."""
    return [f"{format_message(fault)} {format_hint(fault)}".strip() for fault in faults]


def _rename_field(fault: Fault, names: Mapping[str, str]) -> Fault:
    key = names.get(fault.location.key)
    if key is None:
        return fault
    return Fault(fault.level, fault.code, FaultLocation(fault.location.file, fault.location.line, key), fault.facts)
