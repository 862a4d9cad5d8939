"""The audit log, to look through; the bundle that proves it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from msgspec import Struct

from signage.services.evidence import log_queries as logs
from signage.services.evidence.log_queries import AuditFilter
from signage.web.api.framework.operations import ApiRequest, ApiResource, PageOut, PageQuery, build_page

api = ApiResource("audit")


class AuditEntryOut(Struct, frozen=True):
    """An entry; *index* counts from 0."""

    index: int
    at: datetime
    who: str
    verb: str
    object: str
    details: dict[str, Any]


class AuditQuery(PageQuery, frozen=True, kw_only=True, rename={"from_": "from"}):
    """*verb* may end in ``*``; *from* and *until* are times."""

    who: str = ""
    verb: str = ""
    object: str = ""
    from_: str = ""
    until: str = ""


@api.get("/audit", "audit.view", query=AuditQuery, answer=PageOut[AuditEntryOut])
def list_(api_request: ApiRequest) -> PageOut[AuditEntryOut]:
    """Entries, the newest first."""
    q = api_request.query
    wanted = AuditFilter(
        q.who, q.verb, q.object, api_request.parse_time(q.from_, "from"), api_request.parse_time(q.until, "until")
    )
    before = int(q.cursor) if q.cursor.isdecimal() and len(q.cursor) < 18 else None
    found = logs.list_audit_entries(api_request.app, wanted, before, q.limit + 1)
    return build_page(list(_build_entries_out(found)), q.limit, lambda one: str(one.index))


def _build_entries_out(found: list[logs.AuditEntryView]) -> Iterator[AuditEntryOut]:
    for one in found:
        yield AuditEntryOut(one.index, one.at, one.who, one.verb, one.object, dict(one.details))
