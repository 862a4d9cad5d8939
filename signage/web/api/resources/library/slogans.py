"""Slogans of the library: one by one, or many of a list at once."""

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
    """A slogan. *number*: its name here; *version*: counts its changes; *items*: where active campaigns say it."""

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
    """One version; every one is kept."""

    version: int
    text: str
    changed_at: datetime
    changed_by: str


class SloganWithVersionsOut(SloganOut, frozen=True, kw_only=True):
    """A slogan with all its versions, the newest first."""

    versions: tuple[SloganVersionOut, ...]


class SloganIn(LibraryDetailsIn, frozen=True, kw_only=True):
    """A slogan: one line or more, 500 characters at most."""

    text: str


class SloganChangeIn(SloganIn, frozen=True, kw_only=True):
    """*based_on*: the version that was changed."""

    based_on: int


class SloganListIn(LibraryDetailsIn, frozen=True, kw_only=True):
    """*list*: a slogan a line; numbers and bullets before them are taken off."""

    list: str


class SlogansAddedOut(Struct, frozen=True):
    """*numbers*: those that are new; *known*: the lines that the library had."""

    numbers: tuple[int, ...]
    known: tuple[str, ...]


class SloganQuery(PageQuery, frozen=True, kw_only=True):
    """*search*: what its text, its title, source or rights hold."""

    search: str = ""


@api.get("/slogans", "clip.view", query=SloganQuery, answer=PageOut[SloganOut])
def list_(api_request: ApiRequest) -> PageOut[SloganOut]:
    """Slogans, the newest first."""
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
    """Add every slogan of a list that the library does not have."""
    numbers, known_lines = slogans.create_slogans(
        api_request.app, api_request.actor, api_request.body.list, parse_details(api_request.body)
    )
    return SlogansAddedOut(tuple(numbers), tuple(known_lines))


@api.get("/slogans/{id}", "clip.view", answer=SloganWithVersionsOut, errors=(404,))
def show(api_request: ApiRequest) -> SloganWithVersionsOut:
    """One slogan by its number."""
    return _get_slogan_with_versions(api_request, _parse_number(api_request.id, "id"))


@api.add("PUT", "/slogans/{id}", "slogan.change", body=SloganChangeIn, answer=SloganWithVersionsOut, errors=(404, 409))
def change(api_request: ApiRequest) -> SloganWithVersionsOut:
    """Keep another text or other details; campaigns keep the text that they have."""
    number, body = _parse_number(api_request.id, "id"), api_request.body
    slogans.update_slogan(
        api_request.app, api_request.actor, number, body.based_on, body.text, _parse_slogan_details(body)
    )
    return _get_slogan_with_versions(api_request, number)


@api.add("DELETE", "/slogans/{id}", "slogan.remove", status=204, errors=(404, 409))
def remove(api_request: ApiRequest) -> None:
    """Take a slogan out of the library; refused where a campaign uses it."""
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
