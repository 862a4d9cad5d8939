"""Screens: listing, creation, change, revocation, removal; enrolment by code."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import request
from msgspec import UNSET, Struct, UnsetType

from signage.faults import refuse
from signage.model.screen import BrightnessStep, OperatingHours, Screen, format_sun_time, parse_sun_time
from signage.services.names import clean_name
from signage.services.screens import form_input, pairing, registry
from signage.services.screens import overview as screen_overviews
from signage.services.screens.overview import ScreenOverview
from signage.web.api.framework.operations import ApiRequest, ApiResource, PageOut, PageQuery, build_page

api = ApiResource("screens")


class OperatingHoursInOut(Struct, frozen=True, rename={"from_": "from"}):
    """A time as ``06:30``, ``sunrise`` or ``sunset``."""

    from_: str
    until: str


class BrightnessInOut(Struct, frozen=True, rename={"from_": "from"}):
    """From that time on, every day."""

    from_: str
    percent: int


class ConditionOut(Struct, frozen=True):
    """*word*: well, behind, wrong, silent, new or off; *reason*: its code."""

    word: str
    reason: str


class ScreenOut(Struct, frozen=True, kw_only=True):
    """A screen with its condition."""

    id: str
    screen: str
    name: str | None
    address: str | None
    kind: str
    panel: str
    groups: tuple[str, ...]
    tags: tuple[str, ...]
    unit: str | None
    timezone: str
    default: str | None
    position: tuple[float, float] | None
    hours: tuple[OperatingHoursInOut, ...]
    brightness: tuple[BrightnessInOut, ...]
    condition: ConditionOut
    seen_at: datetime | None
    serial: int | None
    newest_serial: int | None
    revoked_at: datetime | None


class ScreenChangeIn(Struct, frozen=True, kw_only=True):
    """The properties to change; null removes an optional one."""

    name: str | UnsetType | None = UNSET
    address: str | UnsetType | None = UNSET
    kind: str | UnsetType = UNSET
    panel: str | UnsetType = UNSET
    groups: tuple[str, ...] | UnsetType = UNSET
    tags: tuple[str, ...] | UnsetType = UNSET
    unit: str | UnsetType | None = UNSET
    timezone: str | UnsetType = UNSET
    default: str | UnsetType | None = UNSET
    position: tuple[float, float] | UnsetType | None = UNSET
    hours: tuple[OperatingHoursInOut, ...] | UnsetType = UNSET
    brightness: tuple[BrightnessInOut, ...] | UnsetType = UNSET


class ScreenIn(ScreenChangeIn, frozen=True, kw_only=True):
    """A screen to create."""

    id: str
    panel: str


class ScreenTokenOut(Struct, frozen=True):
    """The screen's token, shown only now, and the id of the key that signs its playlists."""

    screen: str
    token: str
    key: str


class PendingEnrolmentOut(Struct, frozen=True):
    """A screen that waits for enrolment. *address*: the network address from which it asks."""

    code: str
    hardware: str
    width: int
    height: int
    panels: tuple[str, ...]
    address: str


class EnrolmentIn(ScreenIn, frozen=True, kw_only=True):
    """The code that a new screen shows, and its properties."""

    code: str


class EnrolmentOut(Struct, frozen=True):
    """The screen fetches its token itself."""

    screen: str
    key: str


class ScreenQuery(PageQuery, frozen=True, kw_only=True):
    """*heard*: heard, silent, faulty, never, revoked. *search*: the beginning of the id."""

    group: str = ""
    tag: str = ""
    kind: str = ""
    unit: str = ""
    panel: str = ""
    search: str = ""
    heard: str = ""


def build_screen_filter(api_request: ApiRequest) -> screen_overviews.ScreenFilter:
    """Return the filter of a ``ScreenQuery``."""
    query = api_request.query
    return screen_overviews.build_filter(
        api_request.app,
        screen_overviews.parse_contact_state(query.heard),
        group=query.group,
        tag=query.tag,
        kind=query.kind,
        unit=query.unit,
        panel=query.panel,
        search=query.search,
    )


@api.get("/screens", "screen.view", query=ScreenQuery, answer=PageOut[ScreenOut])
def list_(api_request: ApiRequest) -> PageOut[ScreenOut]:
    """List screens by id."""
    query = api_request.query
    screens = screen_overviews.list_screens(
        api_request.app, build_screen_filter(api_request), query.cursor, query.limit + 1
    )
    return build_page([build_screen_out(screen) for screen in screens], query.limit, lambda screen: screen.id)


@api.post("/screens", "screen.add", body=ScreenIn, answer=ScreenTokenOut, status=201, errors=(409,))
def add(api_request: ApiRequest) -> ScreenTokenOut:
    """Create a screen; its token is shown only now."""
    grant = registry.create_screen(api_request.app, api_request.actor, _parse_new_screen(api_request))
    return ScreenTokenOut(grant.screen, grant.token, grant.key)


@api.get("/screens/{id}", "screen.view", answer=ScreenOut, errors=(404,))
def show(api_request: ApiRequest) -> ScreenOut:
    """Get a screen."""
    return build_screen_out(screen_overviews.get_screen(api_request.app, api_request.id))


@api.add("PATCH", "/screens/{id}", "screen.set", body=ScreenChangeIn, answer=ScreenOut, errors=(404,))
def change(api_request: ApiRequest) -> ScreenOut:
    """Change the properties of a screen."""
    edit = parse_changes(api_request.body)
    screen_overviews.get_screen(api_request.app, api_request.id)
    registry.update_screens(api_request.app, api_request.actor, [f"screen:{api_request.id}"], edit)
    return build_screen_out(screen_overviews.get_screen(api_request.app, api_request.id))


@api.add("DELETE", "/screens/{id}", "screen.remove", status=204, errors=(404,))
def remove(api_request: ApiRequest) -> None:
    """Remove a screen; its plays are retained."""
    registry.delete_screen(api_request.app, api_request.actor, api_request.id)


@api.post("/screens/{id}/revoke", "screen.revoke", status=204, errors=(404,))
def revoke(api_request: ApiRequest) -> None:
    """Revoke a screen: its token is refused from now on."""
    registry.revoke_screen(api_request.app, api_request.actor, api_request.id)


@api.post("/screens/{id}/token", "screen.token", answer=ScreenTokenOut, errors=(404,))
def token(api_request: ApiRequest) -> ScreenTokenOut:
    """Issue a new token for a screen, shown only now; the previous one becomes invalid."""
    grant = registry.issue_token(api_request.app, api_request.actor, api_request.id)
    return ScreenTokenOut(grant.screen, grant.token, grant.key)


@api.get("/enrolments/{id}", "screen.enrol", answer=PendingEnrolmentOut, errors=(404, 429))
def waiting(api_request: ApiRequest) -> PendingEnrolmentOut:
    """Get the screen that shows a code and waits for enrolment."""
    pending = pairing.get_pending(
        api_request.app,
        api_request.actor,
        api_request.dependencies.enrolments,
        api_request.id,
        request.remote_addr or "",
    )
    panel = pending.request.panel
    matching_panels = pairing.list_matching_panels(api_request.app, pending)
    return PendingEnrolmentOut(
        pending.code, pending.request.hardware, panel.width, panel.height, matching_panels, pending.address
    )


@api.post("/enrolments", "screen.enrol", body=EnrolmentIn, answer=EnrolmentOut, status=201, errors=(404, 409, 429))
def enrol(api_request: ApiRequest) -> EnrolmentOut:
    """Enrol the screen that shows a code."""
    grant = pairing.enrol_screen(
        api_request.app,
        api_request.actor,
        api_request.dependencies.enrolments,
        api_request.body.code,
        _parse_new_screen(api_request),
        request.remote_addr or "",
    )
    return EnrolmentOut(grant.screen, grant.key)


def build_screen_out(overview: ScreenOverview) -> ScreenOut:
    """Return the API's form of a screen."""
    row, heartbeat = overview.list_row.screen_row, overview.list_row.heartbeat
    screen = row.screen
    return ScreenOut(
        id=screen.id,
        screen=screen.id,
        name=screen.name,
        address=screen.address,
        kind=screen.kind,
        panel=screen.panel,
        groups=screen.groups,
        tags=screen.tags,
        unit=screen.unit,
        timezone=screen.timezone,
        default=screen.default_campaign,
        position=screen.position,
        hours=tuple(OperatingHoursInOut(format_sun_time(h.from_), format_sun_time(h.until)) for h in screen.hours),
        brightness=tuple(BrightnessInOut(format_sun_time(b.from_), b.percent) for b in screen.brightness),
        condition=ConditionOut(overview.condition.state, overview.condition.reason),
        seen_at=heartbeat.seen_at if heartbeat else None,
        serial=heartbeat.serial if heartbeat else None,
        newest_serial=overview.list_row.serial,
        revoked_at=row.revoked_at,
    )


def _parse_new_screen(api_request: ApiRequest) -> Screen:
    body = api_request.body
    new_screen = form_input.parse_new_screen(body.id, {"panel": body.panel}, api_request.app.timezone)
    return parse_changes(body)(new_screen)


def parse_changes(body: ScreenChangeIn) -> Callable[[Screen], Screen]:
    """Return the function that applies *body* to a screen. Raises Refused for unreadable values."""
    changes: dict[str, Any] = {}
    for name in ("kind", "panel", "groups", "tags", "unit", "timezone", "position"):
        value = getattr(body, name)
        if value is not UNSET:
            changes[name] = value
    for name in ("name", "address"):
        value = getattr(body, name)
        if value is not UNSET:
            changes[name] = clean_name(value)
    if body.default is not UNSET:
        changes["default_campaign"] = body.default
    if body.hours is not UNSET:
        changes["hours"] = tuple(
            OperatingHours(_parse_sun_time(h.from_, "hours"), _parse_sun_time(h.until, "hours")) for h in body.hours
        )
    if body.brightness is not UNSET:
        changes["brightness"] = tuple(
            BrightnessStep(_parse_sun_time(b.from_, "brightness"), b.percent) for b in body.brightness
        )
    return lambda screen: replace(screen, **changes)


def _parse_sun_time(text: str, key: str) -> Any:
    try:
        return parse_sun_time(text)
    except ValueError:
        raise refuse(f"{key}-unreadable", key, text=text[:40]) from None
