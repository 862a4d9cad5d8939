"""Changes to many screens by selectors, and their import and export as CSV."""

from collections.abc import Iterator
from typing import Literal

from flask import request
from msgspec import Struct

from signage.model.screen import Screen
from signage.services.screens import overview as screen_overviews
from signage.services.screens import registry, screens_csv
from signage.services.screens.form_input import parse_screen_edit
from signage.web.api.framework.operations import ApiRequest, ApiResource, Response
from signage.web.api.resources.screens.screens import ScreenChangeIn, ScreenTokenOut, parse_changes
from signage.web.http.request_body import BodyError
from signage.web.request_context import read_body

api = ApiResource("fleet")
CSV_TYPE = "text/csv"
_MAX_CSV_BYTES = 16 << 20


class BulkChangeIn(ScreenChangeIn, frozen=True, kw_only=True):
    """*screens*: ids, patterns, selectors, as in a placement. Groups and tags are set, or added and dropped."""

    screens: tuple[str, ...]
    add_groups: tuple[str, ...] = ()
    drop_groups: tuple[str, ...] = ()
    add_tags: tuple[str, ...] = ()
    drop_tags: tuple[str, ...] = ()


class BulkChangeOut(Struct, frozen=True):
    """The screens that changed."""

    changed: tuple[str, ...]


class ScreenImportQuery(Struct, frozen=True, kw_only=True):
    """*mode*: ``add`` enrols new screens, ``update`` changes existing ones; all rows or none."""

    mode: Literal["add", "update"] = "add"


class ScreenImportOut(Struct, frozen=True):
    """The number of rows and of changed screens; the tokens of new ones, shown only now."""

    rows: int
    changed: int
    enrolled: tuple[ScreenTokenOut, ...] = ()


@api.post("/screens/-/change", "screen.set", body=BulkChangeIn, answer=BulkChangeOut)
def change(api_request: ApiRequest) -> BulkChangeOut:
    """Change all screens that the selectors match."""
    body, edit = api_request.body, parse_changes(api_request.body)
    label_changes = {
        "add_group": body.add_groups,
        "drop_group": body.drop_groups,
        "add_tag": body.add_tags,
        "drop_tag": body.drop_tags,
    }
    edit_labels = parse_screen_edit(label_changes)
    changed_screens = registry.update_screens(
        api_request.app, api_request.actor, body.screens, lambda screen: edit_labels(edit(screen))
    )
    return BulkChangeOut(tuple(screen.id for screen in changed_screens))


@api.get("/screens/-/csv", "screen.view", produces=CSV_TYPE, answer=str)
def hand_out(api_request: ApiRequest) -> Response:
    """Export all screens as CSV."""
    response = Response(
        screens_csv.format_screens_csv(_iter_screens(api_request)), content_type=f"{CSV_TYPE}; charset=utf-8"
    )
    response.headers["Content-Disposition"] = 'attachment; filename="screens.csv"'
    response.headers["Cache-Control"] = "no-store"
    return response


@api.post(
    "/screens/-/csv",
    "screen.import",
    query=ScreenImportQuery,
    body=bytes,
    answer=ScreenImportOut,
    consumes=CSV_TYPE,
    raw=True,
    errors=(409, 413, 415),
)
def bring(api_request: ApiRequest) -> ScreenImportOut:
    """Import screens from CSV: all rows or none."""
    data = read_body(_MAX_CSV_BYTES)
    if (request.content_type or CSV_TYPE).partition(";")[0].strip().lower() != CSV_TYPE:
        raise BodyError(415, "api-media-type", ("Accept", CSV_TYPE))
    app = api_request.app
    entries = screens_csv.parse_screens_csv("body", data, app.timezone, app.panels, app.kind_labels)
    if api_request.query.mode == "update":
        return ScreenImportOut(*registry.replace_screens(api_request.app, api_request.actor, entries))
    grants = registry.create_screens(api_request.app, api_request.actor, entries)
    return ScreenImportOut(
        len(entries), len(grants), tuple(ScreenTokenOut(grant.screen, grant.token, grant.key) for grant in grants)
    )


def _iter_screens(api_request: ApiRequest) -> Iterator[Screen]:
    cursor = ""
    while page := screen_overviews.list_screens(
        api_request.app, screen_overviews.build_filter(api_request.app), cursor, 500
    ):
        yield from (overview.list_row.screen_row.screen for overview in page)
        cursor = page[-1].id
