"""One screen at an instant: the explanation of what it shows, its screenshot, and the expected picture."""

from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec import Struct

from signage.faults import refuse
from signage.library.expected_frame import render_expected_frame
from signage.schedule.analysis.explain import render_trace_step
from signage.services.screens import heartbeats
from signage.services.screens import overview as screen_overviews
from signage.services.screens.explain import explain_screen
from signage.services.time_input import parse_time
from signage.web import now_playing
from signage.web.api.framework.operations import ApiRequest, ApiResource, Response, get_language

api = ApiResource("why")


class ExplanationQuery(Struct, frozen=True, kw_only=True):
    """*at*: an instant, without an offset in the screen's zone; default: now."""

    at: str = ""


class RuleOutcomeOut(Struct, frozen=True):
    """The outcome of one rule for one candidate, with the reason."""

    rule: str
    candidate: str
    kept: bool
    code: str
    reason: str


class ExplanationOut(Struct, frozen=True, kw_only=True):
    """*item* null: dark by order. *why*: the program's; *entry*: index in the loop, from 0; *trail*: every rule."""

    screen: str
    at: datetime
    item: str | None
    why: str
    begins: datetime
    ends: datetime
    entry: int | None
    position_ms: int | None
    trail: tuple[RuleOutcomeOut, ...]


@api.get("/screens/{id}/why", "screen.view", query=ExplanationQuery, answer=ExplanationOut, errors=(404,))
def show(api_request: ApiRequest) -> ExplanationOut:
    """Explain what a screen shows, now or at an instant: every rule, the winner and the losers."""
    zone = ZoneInfo(screen_overviews.get_screen(api_request.app, api_request.id).list_row.screen_row.screen.timezone)
    at = parse_time(api_request.query.at, zone, "at") if api_request.query.at else api_request.app.clock.now()
    explanation = explain_screen(
        api_request.app, api_request.schedule_rules, api_request.library.create_resolver, api_request.id, at
    )
    language = get_language()
    return ExplanationOut(
        screen=explanation.screen,
        at=explanation.at.astimezone(zone),
        item=explanation.item,
        why=explanation.program.why,
        begins=explanation.program.from_.astimezone(zone),
        ends=explanation.program.until.astimezone(zone),
        entry=explanation.entry,
        position_ms=explanation.position_ms,
        trail=tuple(
            RuleOutcomeOut(s.rule, s.candidate, s.kept, s.code, render_trace_step(s, language, zone))
            for s in explanation.trace
        ),
    )


@api.get("/screens/{id}/screenshot", "screen.view", produces="image/*", answer=bytes, errors=(404,))
def screenshot(api_request: ApiRequest) -> Response:
    """Get the latest screenshot that a screen sent: PNG or JPEG."""
    path = heartbeats.get_screenshot_path(
        api_request.app, screen_overviews.get_screen(api_request.app, api_request.id).id
    )
    if not path.is_file():
        raise refuse("screenshot-unknown", api_request.id, screen=api_request.id[:64])
    data = path.read_bytes()
    response = Response(data, content_type="image/png" if data.startswith(b"\x89PNG") else "image/jpeg")
    response.headers["Cache-Control"] = "no-store"
    return response


@api.get("/screens/{id}/expected", "screen.view", produces="image/png", answer=bytes, errors=(404,))
def expected(api_request: ApiRequest) -> Response:
    """Render what a screen should show now, in its panel's pixels: PNG."""
    screen = screen_overviews.get_screen(api_request.app, api_request.id).id
    timeline = now_playing.find_timeline(api_request.dependencies.playlists, screen)
    data = (
        None
        if timeline is None
        else render_expected_frame(timeline, api_request.app.clock.now(), api_request.dependencies.find_blob)
    )
    if data is None:
        raise refuse("expected-unknown", screen, screen=screen)
    response = Response(data, content_type="image/png")
    response.headers["Cache-Control"] = "no-store"
    return response
