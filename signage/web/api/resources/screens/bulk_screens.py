"""Many screens at once: changed by selectors, brought in and handed out as a spreadsheet."""

from collections.abc import Iterator
from typing import Literal

from flask import request
from msgspec import Struct

from signage.model.screen import Screen
from signage.services.screens import overview as wall
from signage.services.screens import registry as screens
from signage.services.screens import screens_csv as screen_csv
from signage.services.screens.form_input import editor
from signage.web.api.framework.operations import Asked, Resource, Response
from signage.web.api.resources.screens.screens import Enrolled, ScreenChange, changes
from signage.web.http.request_body import BodyError
from signage.web.request_context import read_body

api = Resource("fleet")
CSV = "text/csv"
_BYTES = 16 << 20


class ManyChange(ScreenChange, frozen=True, kw_only=True):
    """*screens*: ids, patterns, selectors, as a placement has them. Groups and tags are set, or added and dropped."""

    screens: tuple[str, ...]
    add_groups: tuple[str, ...] = ()
    drop_groups: tuple[str, ...] = ()
    add_tags: tuple[str, ...] = ()
    drop_tags: tuple[str, ...] = ()


class ManyChanged(Struct, frozen=True):
    """The screens that changed."""

    changed: tuple[str, ...]


class ImportQuery(Struct, frozen=True, kw_only=True):
    """*mode*: ``add`` enrols new screens, ``update`` sets the facts of those that are there; all, or nothing."""

    mode: Literal["add", "update"] = "add"


class Imported(Struct, frozen=True):
    """How many rows there were, how many screens are others now; the tokens of new ones, told this once."""

    rows: int
    changed: int
    enrolled: tuple[Enrolled, ...] = ()


@api.post("/screens/-/change", "screen.set", body=ManyChange, answer=ManyChanged)
def change(asked: Asked) -> ManyChanged:
    """Change all screens that selectors name."""
    body, edit = asked.body, changes(asked.body)
    marks = {
        "add_group": body.add_groups,
        "drop_group": body.drop_groups,
        "add_tag": body.add_tags,
        "drop_tag": body.drop_tags,
    }
    label = editor(marks)
    found = screens.change(asked.office, asked.actor, body.screens, lambda screen: label(edit(screen)))
    return ManyChanged(tuple(screen.id for screen in found))


@api.get("/screens/-/csv", "screen.view", gives=CSV, answer=str)
def hand_out(asked: Asked) -> Response:
    """All screens as a spreadsheet, which can be brought in again."""
    response = Response(screen_csv.write(_every(asked)), content_type=f"{CSV}; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="screens.csv"'
    response.headers["Cache-Control"] = "no-store"
    return response


@api.post(
    "/screens/-/csv",
    "screen.import",
    query=ImportQuery,
    body=bytes,
    answer=Imported,
    takes=CSV,
    raw=True,
    errors=(409, 413, 415),
)
def bring(asked: Asked) -> Imported:
    """Bring screens in from a spreadsheet: all of it, or nothing."""
    data = read_body(_BYTES)
    if (request.content_type or CSV).partition(";")[0].strip().lower() != CSV:
        raise BodyError(415, "api-media-type", ("Accept", CSV))
    entries = screen_csv.read("body", data, asked.office.timezone)
    if asked.query.mode == "update":
        return Imported(*screens.put_many(asked.office, asked.actor, entries))
    made = screens.add_many(asked.office, asked.actor, entries)
    return Imported(len(entries), len(made), tuple(Enrolled(one.screen, one.token, one.key) for one in made))


def _every(asked: Asked) -> Iterator[Screen]:
    cursor = ""
    while found := wall.page(asked.office, wall.wanted(asked.office), cursor, 500):
        yield from (one.listed.kept.screen for one in found)
        cursor = found[-1].id
