"""Slogans of the library: one by one, or many of a list at once."""

from datetime import datetime
from typing import Any

from msgspec import Struct

from signage.faults import refuse
from signage.services.library import slogans
from signage.services.library.details import Details, of
from signage.services.library.slogans import Kept
from signage.web.api.framework.operations import Asked, Page, Paging, Resource, page_of
from signage.web.api.resources.details import Said, details_of

api = Resource("slogans")
_MOST_DIGITS = 18


class SloganShown(Struct, frozen=True, kw_only=True, rename={"from_": "from"}):
    """A slogan. *number*: its name here; *version*: counts its changes; *items*: where active campaigns say it."""

    number: int
    text: str
    title: str
    tags: tuple[str, ...]
    source: str
    rights: str
    from_: str
    until: str
    version: int
    changed_at: datetime
    changed_by: str
    items: tuple[str, ...]


class SloganVersion(Struct, frozen=True, kw_only=True):
    """One version; every one is kept."""

    version: int
    text: str
    changed_at: datetime
    changed_by: str


class SloganWhole(SloganShown, frozen=True, kw_only=True):
    """A slogan with all its versions, the newest first."""

    versions: tuple[SloganVersion, ...]


class SloganSaid(Said, frozen=True, kw_only=True):
    """A slogan: one line or more, 500 characters at most."""

    text: str


class SloganChanged(SloganSaid, frozen=True, kw_only=True):
    """*based_on*: the version that was changed."""

    based_on: int


class SloganList(Said, frozen=True, kw_only=True):
    """*list*: a slogan a line; numbers and bullets before them are taken off."""

    list: str


class SlogansTaken(Struct, frozen=True):
    """*numbers*: those that are new; *known*: the lines that the library had."""

    numbers: tuple[int, ...]
    known: tuple[str, ...]


class SloganQuery(Paging, frozen=True, kw_only=True):
    """*search*: what its text, its title, source or rights hold."""

    search: str = ""


@api.get("/slogans", "clip.view", query=SloganQuery, answer=Page[SloganShown])
def list_(asked: Asked) -> Page[SloganShown]:
    """Slogans, the newest first."""
    q = asked.query
    before = _number(q.cursor, "cursor") if q.cursor else None
    found = slogans.page(asked.office, before, q.limit + 1, q.search)
    uses = slogans.where_used(asked.office, [one.text for one in found])
    shown = [SloganShown(**_facts(one, uses[one.text])) for one in found]
    return page_of(shown, q.limit, lambda one: str(one.number))


@api.post("/slogans", "slogan.add", body=SloganSaid, answer=SloganWhole, status=201, errors=(409,))
def add(asked: Asked) -> SloganWhole:
    """Add one slogan."""
    return _whole(asked, slogans.add(asked.office, asked.actor, asked.body.text, _of_one(asked.body)))


@api.post("/slogans/many", "slogan.add", body=SloganList, answer=SlogansTaken, status=201)
def add_many(asked: Asked) -> SlogansTaken:
    """Add every slogan of a list that the library does not have."""
    made, known = slogans.add_many(asked.office, asked.actor, asked.body.list, details_of(asked.body))
    return SlogansTaken(tuple(made), tuple(known))


@api.get("/slogans/{id}", "clip.view", answer=SloganWhole, errors=(404,))
def show(asked: Asked) -> SloganWhole:
    """One slogan by its number."""
    return _whole(asked, _number(asked.id, "id"))


@api.add("PUT", "/slogans/{id}", "slogan.change", body=SloganChanged, answer=SloganWhole, errors=(404, 409))
def change(asked: Asked) -> SloganWhole:
    """Keep another text or other details; campaigns keep the text that they have."""
    number, body = _number(asked.id, "id"), asked.body
    slogans.change(asked.office, asked.actor, number, body.based_on, body.text, _of_one(body))
    return _whole(asked, number)


@api.add("DELETE", "/slogans/{id}", "slogan.remove", status=204, errors=(404, 409))
def remove(asked: Asked) -> None:
    """Take a slogan out of the library; refused where a campaign uses it."""
    slogans.remove(asked.office, asked.actor, _number(asked.id, "id"))


def _number(text: str, key: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS):
        raise refuse("slogan-unknown", key, number=text[:20])
    return int(text)


def _of_one(body: SloganSaid) -> Details:
    return details_of(body, slogans.wrong_with(body.text))


def _whole(asked: Asked, number: int) -> SloganWhole:
    kept, history = slogans.get(asked.office, number)
    uses = slogans.where_used(asked.office, [kept.text])[kept.text]
    versions = (
        SloganVersion(version=one.version, text=one.text, changed_at=one.changed_at, changed_by=one.changed_by)
        for one in history
    )
    return SloganWhole(**_facts(kept, uses), versions=tuple(versions))


def _facts(kept: Kept, uses: list[str]) -> dict[str, Any]:
    details = of(kept.details)
    said = {name: getattr(details, name) for name in ("title", "tags", "source", "rights", "from_", "until")}
    return {
        "number": kept.number,
        "text": kept.text,
        **said,
        "version": kept.version,
        "changed_at": kept.changed_at,
        "changed_by": kept.changed_by,
        "items": tuple(uses),
    }
