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

from signage import messages as sentences
from signage.faults import Fault, Place, Refused
from signage.model.local_time import instant
from signage.web.console.framework.i18n import language
from signage.web.http.status_codes import status_of
from signage.web.security.cookies_csrf import FIELD


class Form:
    """The values of a form's fields as texts, and what is wrong with them."""

    def __init__(self, values: Mapping[str, object] | None = None) -> None:
        self.values: MultiDict[str, str] = MultiDict()
        self.faults: list[Fault] = []
        self._status = 422
        for name, value in (values or {}).items():
            for one in value if isinstance(value, list | tuple | set | frozenset) else (value,):
                self.values.add(name, "" if one is None else str(one))

    @classmethod
    def read(cls) -> "Form":
        """What the browser sent."""
        form = cls()
        for name, value in request.form.items(multi=True):
            if name != FIELD:
                form.values.add(name, value.replace("\r\n", "\n"))
        return form

    @classmethod
    def query(cls) -> "Form":
        """The fields of an address: for searches."""
        form = cls()
        for name, value in request.args.items(multi=True):
            form.values.add(name, value)
        return form

    # -- fields ---------------------------------------------------------------------------------------------------

    def text(self, name: str, default: str = "") -> str:
        """A field's text without white space around it."""
        return self.values.get(name, default).strip()

    def raw(self, name: str) -> str:
        """A field's text to the letter (a password)."""
        return self.values.get(name, "")

    def optional(self, name: str) -> str | None:
        """A field's text; None where it is empty."""
        return self.text(name) or None

    def many(self, name: str) -> list[str]:
        """All values of a field (boxes that are ticked)."""
        return [value for value in self.values.getlist(name) if value.strip()]

    def words(self, name: str) -> tuple[str, ...]:
        """A field's words, parted by spaces, commas or lines."""
        return tuple(self.text(name).replace(",", " ").replace("，", " ").replace("、", " ").split())

    def lines(self, name: str) -> list[str]:
        """A field's lines that are not empty."""
        return [line.strip() for line in self.values.get(name, "").split("\n") if line.strip()]

    def flag(self, name: str) -> bool:
        """Whether a box is ticked."""
        return bool(self.values.get(name))

    def whole(self, name: str) -> int | None:
        """A whole number; None where the field is empty, and a fault where it is none."""
        found = self._read(name, int, "form-whole")
        return found if isinstance(found, int) else None

    def number(self, name: str) -> float | None:
        """A number; None where the field is empty, and a fault where it is none."""
        found = self._read(name, float, "form-number")
        return found if isinstance(found, float) and abs(found) < 1e15 else None

    def local(self, name: str) -> datetime | None:
        """A date and time (``2021-03-15T08:00``) without a zone; None where the field is empty."""
        found = self._read(name, datetime.fromisoformat, "form-moment")
        return found if isinstance(found, datetime) else None

    def moment(self, name: str, zone: ZoneInfo) -> datetime | None:
        """The instant of a date and time that is meant in *zone*."""
        found = self.local(name)
        return None if found is None else instant(found, zone)

    def day(self, name: str) -> date | None:
        """A date; None where the field is empty."""
        found = self._read(name, date.fromisoformat, "form-day")
        return found if isinstance(found, date) else None

    def clock(self, name: str) -> time | None:
        """A time of day; None where the field is empty."""
        found = self._read(name, time.fromisoformat, "form-time")
        return found if isinstance(found, time) else None

    def _read(self, name: str, kind: object, code: str) -> object:
        text = self.text(name)
        if not text:
            return None
        try:
            return kind(text)  # type: ignore[operator]
        except ValueError:
            self.fault(code, name, text=text[:60])
            return None

    # -- faults ---------------------------------------------------------------------------------------------------

    def fault(self, code: str, name: str, **facts: object) -> None:
        """Say that a field is wrong."""
        self.faults.append(Fault("error", code, Place(key=name), facts))

    def need(self, *names: str) -> None:
        """Say so of each of these fields that is empty."""
        for name in names:
            if not self.many(name):
                self.fault("form-needed", name)

    @contextmanager
    def catching(self, names: Mapping[str, str] | None = None) -> Iterator[None]:
        """Take the faults of a refused act as the form's; *names*: the act's keys that fields have other names for."""
        try:
            yield
        except Refused as refused:
            self._status = status_of(refused)
            self.faults += [_renamed(fault, names or {}) for fault in refused.faults]

    @property
    def status(self) -> int:
        """The status of the page that shows the form again."""
        return self._status if self.faults else 200

    @property
    def errors(self) -> list[Fault]:
        """What is wrong; warnings are not."""
        return [fault for fault in self.faults if fault.level == "error"]

    def faults_of(self, name: str) -> list[Fault]:
        """The faults of one field, and of what lies inside it (``items[2].text`` inside ``items``)."""
        return [f for f in self.faults if f.place.key == name or f.place.key.startswith((name + "[", name + "."))]


def what(fault: Fault) -> str:
    """What is wrong, in the reader's language."""
    return sentences.what(fault, language())


def mend(fault: Fault) -> str:
    """How to mend it, in the reader's language; may be empty."""
    return sentences.mend(fault, language())


def told(faults: Iterable[Fault]) -> list[str]:
    """Faults as lines of text."""
    return [f"{what(fault)} {mend(fault)}".strip() for fault in faults]


def _renamed(fault: Fault, names: Mapping[str, str]) -> Fault:
    key = names.get(fault.place.key)
    if key is None:
        return fault
    return Fault(fault.level, fault.code, Place(fault.place.file, fault.place.line, key), fault.facts)
