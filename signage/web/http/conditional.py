"""Conditional requests (RFC 9110, section 13), for GET and HEAD.

1. ``If-None-Match`` compares weakly, takes a list and ``*``, and wins over ``If-Modified-Since`` (13.1.2, 13.2.2).
2. ``If-Modified-Since`` counts only as a date that is valid and not in the future; its steps are seconds (13.1.3).
3. ``If-Range`` compares strongly; a date is never strong enough here (13.1.5).
"""

import re
from collections.abc import Mapping
from email.utils import formatdate

from werkzeug.http import parse_date

_ETAG = re.compile(r'(?:W/)?("[^"]*")')


def format_http_date(epoch_s: int) -> str:
    """Format an instant as an HTTP date."""
    return formatdate(epoch_s, usegmt=True)


def has_matching_etag(header: str, etag: str) -> bool:
    """Whether one of the tags in *header* equals *etag* by weak comparison (rule 1)."""
    if header == etag or header.strip() == "*":
        return True
    return etag.removeprefix("W/") in _ETAG.findall(header)


def is_not_modified_since(header: str, modified_at: int, now: float) -> bool:
    """Whether nothing changed since the date in *header* (rule 2).

    A date that the server itself issued may be a second ahead of its clock and does not count as future.
    """
    since = parse_date(header)
    return since is not None and modified_at <= since.timestamp() <= max(now, modified_at)


def is_fresh(environ: Mapping[str, object], etag: str, modified_at: int, now: float) -> bool:
    """Whether the client's copy is current: answer 304."""
    tags = environ.get("HTTP_IF_NONE_MATCH")
    if tags is not None:
        return has_matching_etag(str(tags), etag)
    since = environ.get("HTTP_IF_MODIFIED_SINCE")
    return since is not None and is_not_modified_since(str(since), modified_at, now)


def is_range_valid(header: str | None, etag: str) -> bool:
    """Whether ``If-Range`` permits a range answer (rule 3)."""
    return header is None or header.strip() == etag
