"""Slogans of the library: single ones, and many from a pasted list."""

from datetime import datetime
from typing import Any

from msgspec import Struct

from signage.faults import refuse
from signage.services.library import slogans
from signage.services.library.details import LibraryDetails, parse_record
from signage.services.library.slogans import SloganRow
from signage.web.api.framework.operations import ApiRequest, ApiResource, PageOut, PageQuery, build_page
from signage.web.api.resources.library.details import LibraryDetailsIn, parse_details

api = ApiResource("slogans")
_MAX_DIGITS = 18


class SloganOut(Struct, frozen=True, kw_only=True, rename={"from_": "from"}):
    """A slogan. *number*: its id; *version*: counts its changes; *items*: the active campaigns that use it."""

    number: int
    text: str
    title: str
    tags: tuple[str, ...]
    source: str
    rights: str
    from_: str
    until: str
    version: int
    changed_at: datetime
    changed_by: str
    items: tuple[str, ...]


class SloganVersionOut(Struct, frozen=True, kw_only=True):
    """One version of a slogan."""

    version: int
    text: str
    changed_at: datetime
    changed_by: str


class SloganWithVersionsOut(SloganOut, frozen=True, kw_only=True):
    """A slogan with its versions, newest first."""

    versions: tuple[SloganVersionOut, ...]


class SloganIn(LibraryDetailsIn, frozen=True, kw_only=True):
    """A slogan: one line or more, 500 characters at most."""

    text: str


class SloganChangeIn(SloganIn, frozen=True, kw_only=True):
    """*based_on*: the version that was edited."""

    based_on: int


class SloganListIn(LibraryDetailsIn, frozen=True, kw_only=True):
    """*list*: one slogan a line; leading numbers and bullets are removed."""

    list: str


class SlogansAddedOut(Struct, frozen=True):
    """*numbers*: the new slogans; *known*: the lines that the library already had."""

    numbers: tuple[int, ...]
    known: tuple[str, ...]


class SloganQuery(PageQuery, frozen=True, kw_only=True):
    """*search*: part of the text, title, source or rights."""

    search: str = ""


@api.get("/slogans", "clip.view", query=SloganQuery, answer=PageOut[SloganOut])
def list_(api_request: ApiRequest) -> PageOut[SloganOut]:
    """List slogans, newest first."""
    query = api_request.query
    before = _parse_number(query.cursor, "cursor") if query.cursor else None
    rows = slogans.list_slogans(api_request.app, before, query.limit + 1, query.search)
    uses = slogans.find_uses(api_request.app, [row.text for row in rows])
    slogans_out = [SloganOut(**_collect_fields(row, uses[row.text])) for row in rows]
    return build_page(slogans_out, query.limit, lambda row: str(row.number))


@api.post("/slogans", "slogan.add", body=SloganIn, answer=SloganWithVersionsOut, status=201, errors=(409,))
def add(api_request: ApiRequest) -> SloganWithVersionsOut:
    """Add one slogan."""
    return _get_slogan_with_versions(
        api_request,
        slogans.create_slogan(
            api_request.app, api_request.actor, api_request.body.text, _parse_slogan_details(api_request.body)
        ),
    )


@api.post("/slogans/many", "slogan.add", body=SloganListIn, answer=SlogansAddedOut, status=201)
def add_many(api_request: ApiRequest) -> SlogansAddedOut:
    """Add every slogan of a list that the library does not have yet."""
    numbers, known_lines = slogans.create_slogans(
        api_request.app, api_request.actor, api_request.body.list, parse_details(api_request.body)
    )
    return SlogansAddedOut(tuple(numbers), tuple(known_lines))


@api.get("/slogans/{id}", "clip.view", answer=SloganWithVersionsOut, errors=(404,))
def show(api_request: ApiRequest) -> SloganWithVersionsOut:
    """Get a slogan by its number."""
    return _get_slogan_with_versions(api_request, _parse_number(api_request.id, "id"))


@api.add("PUT", "/slogans/{id}", "slogan.change", body=SloganChangeIn, answer=SloganWithVersionsOut, errors=(404, 409))
def change(api_request: ApiRequest) -> SloganWithVersionsOut:
    """Update a slogan; campaigns that use it retain their text."""
    number, body = _parse_number(api_request.id, "id"), api_request.body
    slogans.update_slogan(
        api_request.app, api_request.actor, number, body.based_on, body.text, _parse_slogan_details(body)
    )
    return _get_slogan_with_versions(api_request, number)


@api.add("DELETE", "/slogans/{id}", "slogan.remove", status=204, errors=(404, 409))
def remove(api_request: ApiRequest) -> None:
    """Remove a slogan from the library; refused while a campaign uses it."""
    slogans.delete_slogan(api_request.app, api_request.actor, _parse_number(api_request.id, "id"))


def _parse_number(text: str, key: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= _MAX_DIGITS):
        raise refuse("slogan-unknown", key, number=text[:20])
    return int(text)


def _parse_slogan_details(body: SloganIn) -> LibraryDetails:
    return parse_details(body, slogans.check_slogan(body.text))


def _get_slogan_with_versions(api_request: ApiRequest, number: int) -> SloganWithVersionsOut:
    row, history = slogans.get_slogan(api_request.app, number)
    uses = slogans.find_uses(api_request.app, [row.text])[row.text]
    versions = (
        SloganVersionOut(
            version=version_row.version,
            text=version_row.text,
            changed_at=version_row.changed_at,
            changed_by=version_row.changed_by,
        )
        for version_row in history
    )
    return SloganWithVersionsOut(**_collect_fields(row, uses), versions=tuple(versions))


def _collect_fields(row: SloganRow, uses: list[str]) -> dict[str, Any]:
    details = parse_record(row.details)
    detail_fields = {name: getattr(details, name) for name in ("title", "tags", "source", "rights", "from_", "until")}
    return {
        "number": row.number,
        "text": row.text,
        **detail_fields,
        "version": row.version,
        "changed_at": row.changed_at,
        "changed_by": row.changed_by,
        "items": tuple(uses),
    }
