"""Registers API operations: each address and method with its permission, its types and its view.

A view takes an :class:`ApiRequest` and returns a value, which is encoded as JSON by its type, or a response. Parameters
are decoded by the types named here before the view is called; ``openapi.json`` is generated from the same types.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from flask import Response
from msgspec import Struct

from signage.faults import Fault
from signage.services.time_input import parse_time
from signage.web.http.problems import format_fault
from signage.web.request_context import RequestContext, get_language
from signage.web.request_guard import PUBLIC, GuardedRoute

PREFIX = "/api/v1"
JSON = "application/json"
MAX_BODY_BYTES = 1 << 20
T = TypeVar("T")
View = TypeVar("View", bound=Callable[..., Any])


class EmptyIn(Struct, frozen=True):
    """Neither body nor query parameters."""


class PageQuery(Struct, frozen=True, kw_only=True):
    """The parameters of every list."""

    limit: int = 100
    cursor: str = ""


class PageOut(Struct, Generic[T], frozen=True):
    """A page of a list. *cursor*: the parameter for the next page; null on the last page."""

    items: tuple[T, ...]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class ApiRequest(RequestContext):
    """An authenticated request with its decoded parameters."""

    path: Mapping[str, str] = field(default_factory=dict)
    query: Any = None
    body: Any = None

    @property
    def id(self) -> str:
        """The identifier of the object in the address."""
        return self.path["id"]

    def parse_time(self, text: str, key: str) -> datetime | None:
        """Parse the time of parameter *key*; None where it is empty. Raises Refused."""
        return parse_time(text, self.zone, key) if text else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiOperation(GuardedRoute):
    """*path* is below ``/api/v1``, with ``{id}``. *answer*: the type of a successful answer (None: no body).

    *status*: the status of a successful answer. *consumes*, *produces*: the media types of the request body and of the
    answer. *raw*: the view reads the request body itself. *errors*: further statuses that may be answered.
    """

    query: type = EmptyIn
    body: type = EmptyIn
    answer: Any = None
    status: int = 200
    consumes: str = JSON
    produces: str = JSON
    raw: bool = False
    errors: tuple[int, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def summary(self) -> str:
        """The first line of the view's docstring."""
        return (self.view.__doc__ or "").strip().partition("\n")[0].removesuffix(".")

    @property
    def tag(self) -> str:
        return self.path.split("/")[1].partition("{")[0]


class ApiResource:
    """The operations of one module; their endpoints are ``NAME.FUNCTION``."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.operations: list[ApiOperation] = []

    def get(self, path: str, permission: str, **properties: Any) -> Callable[[View], View]:
        """Register an operation that reads."""
        return self.add("GET", path, permission, **properties)

    def post(self, path: str, permission: str, **properties: Any) -> Callable[[View], View]:
        """Register an operation that creates or changes."""
        return self.add("POST", path, permission, **properties)

    def add(self, method: str, path: str, permission: str, **properties: Any) -> Callable[[View], View]:
        """Register an operation. *permission* is a key of ``permissions.PERMISSIONS``, or PUBLIC."""

        def register(view: View) -> View:
            endpoint = f"{self.name}.{view.__name__.rstrip('_')}"
            self.operations.append(
                ApiOperation(
                    endpoint=endpoint, method=method, path=path, permission=permission, view=view, **properties
                )
            )
            return view

        return register


def build_page(rows: list[T], limit: int, get_cursor: Callable[[T], str]) -> PageOut[T]:
    """Return the first *limit* of *rows*, which were queried with one more, and the cursor of the next page."""
    page = rows[:limit]
    return PageOut(tuple(page), get_cursor(page[-1]) if len(rows) > limit and page else None)


def format_faults(faults: Iterable[Fault]) -> tuple[dict[str, str], ...]:
    """Return faults and warnings as a problem lists them, in the reader's language."""
    return tuple(format_fault(fault, get_language()) for fault in faults)


def parse_numeric_cursor(cursor: str) -> int | None:
    """Return the number of a cursor; None where it is empty or not one of ours."""
    return int(cursor) if cursor.isascii() and cursor.isdecimal() and len(cursor) < 18 else None


__all__ = [
    "JSON",
    "MAX_BODY_BYTES",
    "PREFIX",
    "PUBLIC",
    "ApiOperation",
    "ApiRequest",
    "ApiResource",
    "EmptyIn",
    "PageOut",
    "PageQuery",
    "Response",
    "build_page",
    "format_faults",
    "get_language",
    "parse_numeric_cursor",
]
