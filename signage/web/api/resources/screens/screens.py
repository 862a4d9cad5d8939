"""Screens: listed, added, changed, revoked, removed; let in by the code that they show."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from msgspec import UNSET, Struct, UnsetType

from signage.faults import refuse
from signage.model.screen import BrightnessStep, OperatingHours, Screen, show_sun_time, sun_time
from signage.services.screens import form_input as screen_forms
from signage.services.screens import overview as wall
from signage.services.screens import pairing as enrolment
from signage.services.screens import registry as screens
from signage.services.screens.overview import OnWall
from signage.web.api.framework.operations import Asked, Page, Paging, Resource, page_of

api = Resource("screens")


class Hours(Struct, frozen=True, rename={"from_": "from"}):
    """A time as ``06:30``, ``sunrise`` or ``sunset``."""

    from_: str
    until: str


class Brightness(Struct, frozen=True, rename={"from_": "from"}):
    """From that time on, every day."""

    from_: str
    percent: int


class Condition(Struct, frozen=True):
    """*word*: well, behind, wrong, silent, new or off; *reason* names why."""

    word: str
    reason: str


class ScreenShown(Struct, frozen=True, kw_only=True):
    """A screen, and what is known of it."""

    id: str
    screen: str
    kind: str
    panel: str
    groups: tuple[str, ...]
    tags: tuple[str, ...]
    unit: str | None
    timezone: str
    default: str | None
    position: tuple[float, float] | None
    hours: tuple[Hours, ...]
    brightness: tuple[Brightness, ...]
    condition: Condition
    seen_at: datetime | None
    serial: int | None
    newest_serial: int | None
    revoked_at: datetime | None


class ScreenChange(Struct, frozen=True, kw_only=True):
    """What is to be changed; null takes a fact away where it may be missing."""

    kind: str | UnsetType = UNSET
    panel: str | UnsetType = UNSET
    groups: tuple[str, ...] | UnsetType = UNSET
    tags: tuple[str, ...] | UnsetType = UNSET
    unit: str | UnsetType | None = UNSET
    timezone: str | UnsetType = UNSET
    default: str | UnsetType | None = UNSET
    position: tuple[float, float] | UnsetType | None = UNSET
    hours: tuple[Hours, ...] | UnsetType = UNSET
    brightness: tuple[Brightness, ...] | UnsetType = UNSET


class NewScreen(ScreenChange, frozen=True, kw_only=True):
    """A screen to be added."""

    id: str
    panel: str


class Enrolled(Struct, frozen=True):
    """The screen's token, this once only, and the id of the key that signs its documents."""

    screen: str
    token: str
    key: str


class Waiting(Struct, frozen=True):
    """A screen that asks to be let in."""

    code: str
    hardware: str
    width: int
    height: int
    panels: tuple[str, ...]


class CodeTyped(NewScreen, frozen=True, kw_only=True):
    """The code that a new screen shows, and what is to be known of it."""

    code: str


class EnrolledScreen(Struct, frozen=True):
    """The screen fetches its token itself."""

    screen: str
    key: str


class ScreenQuery(Paging, frozen=True, kw_only=True):
    """*heard*: heard, silent, faulty, never, revoked. *search*: what the id begins with."""

    group: str = ""
    tag: str = ""
    kind: str = ""
    unit: str = ""
    panel: str = ""
    search: str = ""
    heard: str = ""


@api.get("/screens", "screen.view", query=ScreenQuery, answer=Page[ScreenShown])
def list_(asked: Asked) -> Page[ScreenShown]:
    """Screens by id."""
    q = asked.query
    which = wall.wanted(
        asked.office,
        wall.heard_of(q.heard),
        group=q.group,
        tag=q.tag,
        kind=q.kind,
        unit=q.unit,
        panel=q.panel,
        search=q.search,
    )
    found = wall.page(asked.office, which, q.cursor, q.limit + 1)
    return page_of([shown(one) for one in found], q.limit, lambda one: one.id)


@api.post("/screens", "screen.add", body=NewScreen, answer=Enrolled, status=201, errors=(409,))
def add(asked: Asked) -> Enrolled:
    """Add a screen; its token is told this once."""
    made = screens.add(asked.office, asked.actor, _new(asked))
    return Enrolled(made.screen, made.token, made.key)


@api.get("/screens/{id}", "screen.view", answer=ScreenShown, errors=(404,))
def show(asked: Asked) -> ScreenShown:
    """One screen."""
    return shown(wall.one(asked.office, asked.id))


@api.add("PATCH", "/screens/{id}", "screen.set", body=ScreenChange, answer=ScreenShown, errors=(404,))
def change(asked: Asked) -> ScreenShown:
    """Change what is known of a screen."""
    edit = changes(asked.body)
    wall.one(asked.office, asked.id)
    screens.change(asked.office, asked.actor, [f"screen:{asked.id}"], edit)
    return shown(wall.one(asked.office, asked.id))


@api.add("DELETE", "/screens/{id}", "screen.remove", status=204, errors=(404,))
def remove(asked: Asked) -> None:
    """Take a screen out; its plays stay."""
    screens.remove(asked.office, asked.actor, asked.id)


@api.post("/screens/{id}/revoke", "screen.revoke", status=204, errors=(404,))
def revoke(asked: Asked) -> None:
    """Refuse a screen's token from now on."""
    screens.revoke(asked.office, asked.actor, asked.id)


@api.post("/screens/{id}/token", "screen.token", answer=Enrolled, errors=(404,))
def token(asked: Asked) -> Enrolled:
    """A new token for a screen, told this once; the old one is known no more."""
    made = screens.give_token(asked.office, asked.actor, asked.id)
    return Enrolled(made.screen, made.token, made.key)


@api.get("/enrolments/{id}", "screen.enrol", answer=Waiting, errors=(404,))
def waiting(asked: Asked) -> Waiting:
    """The screen that shows the code, while it waits to be let in."""
    found = enrolment.waiting(asked.services.enrolments, asked.id)
    panel = found.request.panel
    fits = enrolment.fitting(asked.office, found)
    return Waiting(found.code, found.request.hardware, panel.width, panel.height, fits)


@api.post("/enrolments", "screen.enrol", body=CodeTyped, answer=EnrolledScreen, status=201, errors=(404, 409))
def enrol(asked: Asked) -> EnrolledScreen:
    """Let the screen in that shows a code."""
    made = enrolment.enrol(asked.office, asked.actor, asked.services.enrolments, asked.body.code, _new(asked))
    return EnrolledScreen(made.screen, made.key)


def shown(one: OnWall) -> ScreenShown:
    """A screen as the API tells it."""
    kept, contact = one.listed.kept, one.listed.contact
    screen = kept.screen
    return ScreenShown(
        id=screen.id,
        screen=screen.id,
        kind=screen.kind,
        panel=screen.panel,
        groups=screen.groups,
        tags=screen.tags,
        unit=screen.unit,
        timezone=screen.timezone,
        default=screen.default_campaign,
        position=screen.position,
        hours=tuple(Hours(show_sun_time(h.from_), show_sun_time(h.until)) for h in screen.hours),
        brightness=tuple(Brightness(show_sun_time(b.from_), b.percent) for b in screen.brightness),
        condition=Condition(one.condition.word, one.condition.reason),
        seen_at=contact.seen_at if contact else None,
        serial=contact.serial if contact else None,
        newest_serial=one.listed.serial,
        revoked_at=kept.revoked_at,
    )


def _new(asked: Asked) -> Screen:
    body = asked.body
    blank = screen_forms.new_screen(body.id, {"panel": body.panel}, asked.office.timezone)
    return changes(body)(blank)


def changes(body: ScreenChange) -> Callable[[Screen], Screen]:
    """What *body* changes in a screen. Raises Refused when something cannot be read."""
    facts: dict[str, Any] = {}
    for name in ("kind", "panel", "groups", "tags", "unit", "timezone", "position"):
        value = getattr(body, name)
        if value is not UNSET:
            facts[name] = value
    if body.default is not UNSET:
        facts["default_campaign"] = body.default
    if body.hours is not UNSET:
        facts["hours"] = tuple(OperatingHours(_sun(h.from_, "hours"), _sun(h.until, "hours")) for h in body.hours)
    if body.brightness is not UNSET:
        facts["brightness"] = tuple(BrightnessStep(_sun(b.from_, "brightness"), b.percent) for b in body.brightness)
    return lambda screen: replace(screen, **facts)


def _sun(text: str, key: str) -> Any:
    try:
        return sun_time(text)
    except ValueError:
        raise refuse(f"{key}-unreadable", key, text=text[:40]) from None
