"""Details of slogans and clips of the library: title, tags, source, rights, validity; parsed from a form."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from signage.faults import Fault, FaultLocation, Refused
from signage.model.ids import is_word
from signage.model.toml.findings import ellipsize
from signage.services.text_input import check_text

_MAX_CHARS = {"title": 200, "source": 500, "rights": 500}


@dataclass(frozen=True, slots=True)
class LibraryDetails:
    """*from_*, *until*: the first and the last day of validity, as ``2026-03-15``; empty: no limit."""

    title: str = ""
    tags: tuple[str, ...] = ()
    source: str = ""
    rights: str = ""
    from_: str = ""
    until: str = ""

    def to_record(self) -> dict[str, Any]:
        """Return the record that the store keeps: without empty values."""
        record = asdict(self)
        record["from"] = record.pop("from_")
        return {key: value for key, value in record.items() if value}


def parse_record(record: Mapping[str, Any]) -> LibraryDetails:
    """Parse a record of the store."""
    fields = {("from_" if key == "from" else key): value for key, value in record.items()}
    fields["tags"] = tuple(fields.get("tags", ()))
    return LibraryDetails(**fields)


def parse_form(form: Mapping[str, str], other_faults: Iterable[Fault] = ()) -> LibraryDetails:
    """Parse the fields of a form. Raises Refused with *other_faults* and a fault for each invalid field."""
    faults = [*other_faults]
    for name, max_chars in _MAX_CHARS.items():
        faults += check_text(name, form.get(name, ""), max_chars, required=False)
    tags = split_words(form.get("tags", ""))
    faults += [_fault("tag-malformed", "tags", tag=ellipsize(tag)) for tag in tags if not is_word(tag)]
    days = {name: form.get(name, "").strip() for name in ("from", "until")}
    for name, value in days.items():
        if value and not _is_day(value):
            faults.append(_fault("validity-unreadable", name, value=ellipsize(value)))
    if not faults and days["from"] and days["until"] and days["until"] < days["from"]:
        faults.append(_fault("validity-reversed", "until"))
    if faults:
        raise Refused(faults)
    texts = {name: form.get(name, "").strip() for name in _MAX_CHARS}
    return LibraryDetails(tags=tags, from_=days["from"], until=days["until"], **texts)


def split_words(text: str) -> tuple[str, ...]:
    """Split a field into words at spaces, commas and semicolons, Chinese ones too; each word once."""
    for separator in "，、；;\n\t":
        text = text.replace(separator, ",")
    words: Iterable[str] = (word.strip() for part in text.split(",") for word in part.split())
    return tuple(dict.fromkeys(word for word in words if word))


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _fault(code: str, key: str, **facts: object) -> Fault:
    return Fault("error", code, FaultLocation(key=key), facts)
