"""Registers console pages. Deny by default: a page cannot be registered without the permission that opens it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from signage.web.request_guard import GuardedRoute

PREFIX = "/console"
MAX_FORM_BYTES = 1 << 20
View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsolePage(GuardedRoute):
    """A page or a form's target. *max_bytes*: the largest request body."""

    max_bytes: int = MAX_FORM_BYTES


class PageGroup:
    """The pages of one module; their endpoints are ``NAME.FUNCTION``."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.pages: list[ConsolePage] = []

    def get(self, path: str, permission: str) -> Callable[[View], View]:
        """Register a page (GET, HEAD) at ``/console`` + *path*."""
        return self._add("GET", path, permission, MAX_FORM_BYTES)

    def post(self, path: str, permission: str, max_bytes: int = MAX_FORM_BYTES) -> Callable[[View], View]:
        """Register the target of a form that changes something; the form carries the CSRF token."""
        return self._add("POST", path, permission, max_bytes)

    def _add(self, method: str, path: str, permission: str, max_bytes: int) -> Callable[[View], View]:
        def register(view: View) -> View:
            page = ConsolePage(
                endpoint=f"{self.name}.{view.__name__.rstrip('_')}",
                method=method,
                path=PREFIX + path,
                permission=permission,
                view=view,
                max_bytes=max_bytes,
            )
            self.pages.append(page)
            return view

        return register
