"""What people say of slogans and clips of the library, read from a form: title, tags, source, rights, validity."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from signage.faults import Fault, Place, Refused
from signage.model.ids import is_id
from signage.model.toml.findings import short
from signage.model.toml.forbidden_characters import forbidden

_MOST = {"title": 200, "source": 500, "rights": 500}


@dataclass(frozen=True, slots=True)
class Details:
    """*from_*, *until*: the days between which it may be used, both in it, as ``2026-03-15``; empty: no limit."""

    title: str = ""
    tags: tuple[str, ...] = ()
    source: str = ""
    rights: str = ""
    from_: str = ""
    until: str = ""

    def kept(self) -> dict[str, Any]:
        """As the store keeps it."""
        said = asdict(self)
        said["from"] = said.pop("from_")
        return {key: value for key, value in said.items() if value}


def of(said: Mapping[str, Any]) -> Details:
    """What the store keeps, read."""
    facts = {("from_" if key == "from" else key): value for key, value in said.items()}
    facts["tags"] = tuple(facts.get("tags", ()))
    return Details(**facts)


def read(form: Mapping[str, str], further: Iterable[Fault] = ()) -> Details:
    """What a form says. Raises Refused with *further* and a fault for each field that cannot be kept."""
    faults = [*further]
    faults += [fault for name, most in _MOST.items() for fault in _text(name, form.get(name, ""), most)]
    tags = words(form.get("tags", ""))
    faults += [_fault("tag-malformed", "tags", tag=short(tag)) for tag in tags if not is_id(tag)]
    days = {name: form.get(name, "").strip() for name in ("from", "until")}
    for name, value in days.items():
        if value and not _is_day(value):
            faults.append(_fault("validity-unreadable", name, value=short(value)))
    if not faults and days["from"] and days["until"] and days["until"] < days["from"]:
        faults.append(_fault("validity-reversed", "until"))
    if faults:
        raise Refused(faults)
    texts = {name: form.get(name, "").strip() for name in _MOST}
    return Details(tags=tags, from_=days["from"], until=days["until"], **texts)


def words(text: str) -> tuple[str, ...]:
    """Words of a field, between commas or spaces, Chinese ones too."""
    for sign in "，、；;\n\t":
        text = text.replace(sign, ",")
    found: Iterable[str] = (word.strip() for part in text.split(",") for word in part.split())
    return tuple(dict.fromkeys(word for word in found if word))


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _text(name: str, text: str, most: int) -> Iterable[Fault]:
    if len(text) > most:
        yield _fault("said-too-long", name, most=most, length=len(text))
    elif wrong := forbidden(text, lines=True):
        yield _fault("said-forbidden", name, character=wrong[0], place=wrong[1])


def _fault(code: str, key: str, **facts: object) -> Fault:
    return Fault("error", code, Place(key=key), facts)
