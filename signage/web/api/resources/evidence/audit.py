"""The audit log."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from msgspec import Struct

from signage.services.evidence import log_queries
from signage.services.evidence.log_queries import AuditFilter
from signage.web.api.framework.operations import (
    ApiRequest,
    ApiResource,
    PageOut,
    PageQuery,
    build_page,
    parse_numeric_cursor,
)

api = ApiResource("audit")


class AuditEntryOut(Struct, frozen=True):
    """An audit log entry; *index* counts from 0."""

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
    """List audit log entries, newest first."""
    query = api_request.query
    audit_filter = AuditFilter(
        query.who,
        query.verb,
        query.object,
        api_request.parse_time(query.from_, "from"),
        api_request.parse_time(query.until, "until"),
    )
    before = parse_numeric_cursor(query.cursor)
    entries = log_queries.list_audit_entries(api_request.app, audit_filter, before, query.limit + 1)
    return build_page(list(_build_entries_out(entries)), query.limit, lambda entry: str(entry.index))


def _build_entries_out(entries: list[log_queries.AuditEntryView]) -> Iterator[AuditEntryOut]:
    for entry in entries:
        yield AuditEntryOut(entry.index, entry.at, entry.who, entry.verb, entry.object, dict(entry.details))
