"""The audit log, to look through; the bundle that proves it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from msgspec import Struct

from signage.services.evidence import log_queries as logs
from signage.services.evidence.log_queries import Wanted
from signage.web.api.framework.operations import Asked, Page, Paging, Resource, page_of

api = Resource("audit")


class EntryShown(Struct, frozen=True):
    """An entry; *index* counts from 0."""

    index: int
    at: datetime
    who: str
    verb: str
    object: str
    details: dict[str, Any]


class AuditQuery(Paging, frozen=True, kw_only=True, rename={"from_": "from"}):
    """*verb* may end in ``*``; *from* and *until* are times."""

    who: str = ""
    verb: str = ""
    object: str = ""
    from_: str = ""
    until: str = ""


@api.get("/audit", "audit.view", query=AuditQuery, answer=Page[EntryShown])
def list_(asked: Asked) -> Page[EntryShown]:
    """Entries, the newest first."""
    q = asked.query
    wanted = Wanted(q.who, q.verb, q.object, asked.time(q.from_, "from"), asked.time(q.until, "until"))
    before = int(q.cursor) if q.cursor.isdecimal() and len(q.cursor) < 18 else None
    found = logs.entries(asked.office, wanted, before, q.limit + 1)
    return page_of(list(_shown(found)), q.limit, lambda one: str(one.index))


def _shown(found: list[logs.Entry]) -> Iterator[EntryShown]:
    for one in found:
        yield EntryShown(one.index, one.at, one.who, one.verb, one.object, dict(one.details))
