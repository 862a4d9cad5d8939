"""The table of pages: each address with the one duty that opens it. Deny by default: without a duty it has no page."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from signage.model import permissions as duties

PREFIX = "/console"
PUBLIC = "public"
"""Open to whoever comes: the log-in itself and what leads to it."""
HALF = "half"
"""Open to those whose password was right and whose second factor is still to come."""
FORM_BYTES = 1 << 20
View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Page:
    """One address: *duty* is a verb of ``signage.model.permissions`` (or PUBLIC, HALF), *limit* the largest body."""

    endpoint: str
    method: str
    path: str
    duty: str
    view: Callable[..., Any]
    limit: int = FORM_BYTES


class Pages:
    """The pages of one file, called *name*; endpoints are ``NAME.FUNCTION``."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.table: list[Page] = []

    def get(self, path: str, duty: str) -> Callable[[View], View]:
        """A page to look at (GET, HEAD) at ``/console`` + *path*."""
        return self._add("GET", path, duty, FORM_BYTES)

    def post(self, path: str, duty: str, limit: int = FORM_BYTES) -> Callable[[View], View]:
        """A change: its form carries the CSRF token; the body has at most *limit* bytes."""
        return self._add("POST", path, duty, limit)

    def _add(self, method: str, path: str, duty: str, limit: int) -> Callable[[View], View]:
        if duty not in duties.DUTIES and duty not in (PUBLIC, HALF):
            raise LookupError(f"{duty} is no duty: add it to signage.model.permissions")

        def add(view: View) -> View:
            endpoint = f"{self.name}.{view.__name__.rstrip('_')}"
            self.table.append(Page(endpoint, method, PREFIX + path, duty, view, limit))
            return view

        return add
