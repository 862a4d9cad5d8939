"""The table of operations: each address and method of the API with its duty, its types and its view.

A view takes an :class:`Asked` and returns a value (made to JSON by its type) or an answer of its own. What a program
sends is read by the types named here before the view is called; the description of the API is made from the same.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar
from zoneinfo import ZoneInfo

from flask import Response
from msgspec import Struct

from signage.library.service import Library
from signage.model import permissions as duties
from signage.model.users import Actor
from signage.publish.load_snapshot import ScheduleRules
from signage.services.context import AppContext
from signage.services.time_input import parse_time
from signage.web.dependencies import WebDependencies

PREFIX = "/api/v1"
PUBLIC = "public"
JSON = "application/json"
MAX_BODY_BYTES = 1 << 20
T = TypeVar("T")
View = TypeVar("View", bound=Callable[..., Any])


class EmptyIn(Struct, frozen=True):
    """No body, no query."""


class PageQuery(Struct, frozen=True, kw_only=True):
    """What every list takes."""

    limit: int = 100
    cursor: str = ""


class PageOut(Struct, Generic[T], frozen=True):
    """A page of a list. *cursor*: what to ask with for the next one; null at the end."""

    items: tuple[T, ...]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """One request: who asks, with what."""

    actor: Actor
    dependencies: WebDependencies
    path: Mapping[str, str]
    query: Any
    body: Any

    @property
    def context(self) -> AppContext:
        assert self.dependencies.context is not None
        return self.dependencies.context

    @property
    def library(self) -> Library:
        assert self.dependencies.library is not None
        return self.dependencies.library

    @property
    def schedule_rules(self) -> ScheduleRules:
        assert self.dependencies.schedule_rules is not None
        return self.dependencies.schedule_rules

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.context.timezone)

    @property
    def id(self) -> str:
        """The object that the address names."""
        return self.path["id"]

    def parse_time(self, text: str, key: str) -> datetime | None:
        """The instant of a parameter; None where it is empty. Raises Refused."""
        return parse_time(text, self.zone, key) if text else None


@dataclass(frozen=True, slots=True)
class ApiOperation:
    """*path* is below ``/api/v1``, with ``{id}``; *answer* the type of a good answer (None: none), *status* its number.

    *takes*: the media type of the body where it is not JSON, *gives* that of the answer. *raw*: the view reads the
    body itself. *errors*: further statuses that it may answer with.
    """

    name: str
    method: str
    path: str
    permission: str
    view: Callable[[ApiRequest], Any]
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
        """The first line of what the view says of itself."""
        return (self.view.__doc__ or "").strip().partition("\n")[0].removesuffix(".")

    @property
    def tag(self) -> str:
        return self.path.split("/")[1].partition("{")[0]


class ApiResource:
    """The operations of one file, called *name*."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.operations: list[ApiOperation] = []

    def get(self, path: str, duty: str, **facts: Any) -> Callable[[View], View]:
        """Something to look at."""
        return self.add("GET", path, duty, **facts)

    def post(self, path: str, duty: str, **facts: Any) -> Callable[[View], View]:
        """Something to do."""
        return self.add("POST", path, duty, **facts)

    def add(self, method: str, path: str, duty: str, **facts: Any) -> Callable[[View], View]:
        """Put an operation into the table. *duty* is a verb of ``signage.model.permissions``, or PUBLIC."""
        if duty not in duties.PERMISSIONS and duty != PUBLIC:
            raise LookupError(f"{duty} is no duty: add it to signage.model.permissions")

        def put(view: View) -> View:
            name = f"{self.name}.{view.__name__.rstrip('_')}"
            self.operations.append(ApiOperation(name, method, path, duty, view, **facts))
            return view

        return put


def build_page(found: list[T], limit: int, cursor_of: Callable[[T], str]) -> PageOut[T]:
    """A page of *found*, of which one more than *limit* was asked for."""
    kept = found[:limit]
    return PageOut(tuple(kept), cursor_of(kept[-1]) if len(found) > limit and kept else None)


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
]
