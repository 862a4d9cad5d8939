"""The table of pages: each address with the one duty that opens it. Deny by default: without a duty it has no page."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from signage.model import permissions as duties

PREFIX = "/console"
PUBLIC = "public"
"""Open to whoever comes: the log-in itself and what leads to it."""
SECOND_FACTOR_PENDING = "half"
"""Open to those whose password was right and whose second factor is still to come."""
MAX_FORM_BYTES = 1 << 20
View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class ConsolePage:
    """One address: *duty* is a verb of ``signage.model.permissions`` (or PUBLIC, HALF), *limit* the largest body."""

    endpoint: str
    method: str
    path: str
    permission: str
    view: Callable[..., Any]
    max_bytes: int = MAX_FORM_BYTES


class PageGroup:
    """The pages of one file, called *name*; endpoints are ``NAME.FUNCTION``."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.pages: list[ConsolePage] = []

    def get(self, path: str, duty: str) -> Callable[[View], View]:
        """A page to look at (GET, HEAD) at ``/console`` + *path*."""
        return self._add("GET", path, duty, MAX_FORM_BYTES)

    def post(self, path: str, duty: str, limit: int = MAX_FORM_BYTES) -> Callable[[View], View]:
        """A change: its form carries the CSRF token; the body has at most *limit* bytes."""
        return self._add("POST", path, duty, limit)

    def _add(self, method: str, path: str, duty: str, limit: int) -> Callable[[View], View]:
        if duty not in duties.PERMISSIONS and duty not in (PUBLIC, SECOND_FACTOR_PENDING):
            raise LookupError(f"{duty} is no duty: add it to signage.model.permissions")

        def add(view: View) -> View:
            endpoint = f"{self.name}.{view.__name__.rstrip('_')}"
            self.pages.append(ConsolePage(endpoint, method, PREFIX + path, duty, view, limit))
            return view

        return add
