"""The log: what was done and what was played, searched and handed out. Nothing in it can be changed here."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain

from flask import Response, request, stream_with_context

from signage.evidence.archive_integrity import ArchiveDamage
from signage.evidence.judged_plays import CSV_COLUMNS, format_csv_row
from signage.messages import render_message
from signage.model import spreadsheet_csv as csvs
from signage.services.context import AppContext
from signage.services.evidence import log_queries as logs
from signage.services.evidence.log_queries import PlayCursor
from signage.services.evidence.plays import open_screen_plays
from signage.web.console.framework.formatting import render_page
from signage.web.console.framework.toolkit import Form, PageGroup, get_language, get_request_context, redirect_to_page

pages = PageGroup("log")
ROWS_PER_PAGE = 50
MAX_CSV_ROWS = 200_000
ENTRY_COLUMNS = ("record", "at", "who", "verb", "object", "details")
PLAY_RESULTS = ("completed", "cut", "skipped", "failed")


@pages.get("/log", "plays.view")
def list_() -> Response:
    """The log that the reader may read."""
    return (
        redirect_to_page("log.list_entries")
        if get_request_context().is_allowed("audit.view")
        else redirect_to_page("log.list_plays")
    )


@pages.get("/log/entries", "audit.view")
def list_entries() -> Response:
    """A page of the audit log, the newest first."""
    form, wanted = _parse_entry_filter()
    cursor = request.args.get("cursor", "")
    before = int(cursor) if cursor.isascii() and cursor.isdigit() and len(cursor) < 18 else None
    found = [] if form.errors else logs.list_audit_entries(get_request_context().app, wanted, before, ROWS_PER_PAGE + 1)
    return render_page(
        "log/entries.html",
        form.status if form.errors else 200,
        form=form,
        found=[(one, _format_details(one)) for one in found[:ROWS_PER_PAGE]],
        next_cursor=found[ROWS_PER_PAGE - 1].index if len(found) > ROWS_PER_PAGE else None,
        shown=bool(cursor),
    )


def _parse_entry_filter() -> tuple[Form, logs.AuditFilter]:
    form = Form.from_query()
    facts = {name: form.get_text(name) for name in ("who", "verb", "object")}
    return form, logs.AuditFilter(
        from_=form.get_instant("from", get_request_context().zone),
        until=form.get_instant("until", get_request_context().zone),
        **facts,
    )


def _format_details(one: logs.AuditEntryView) -> list[tuple[str, str]]:
    return [
        (key, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
        for key, value in one.details.items()
    ]


@pages.get("/log/entries.csv", "audit.export")
def export_entries() -> Response:
    """The entries that are searched for, for a spreadsheet."""
    form, wanted = _parse_entry_filter()
    if form.errors or not get_request_context().is_allowed("audit.view"):
        return Response(status=403 if not form.errors else 422)
    office = get_request_context().app

    def rows() -> Iterator[tuple[object, ...]]:
        for number, one in enumerate(logs.iterate_audit_entries(office, wanted)):
            if number >= MAX_CSV_ROWS:
                return
            details = json.dumps(dict(one.details), ensure_ascii=False)
            yield one.index + 1, one.at.isoformat(), one.who, one.verb, one.object, details

    return _respond_csv("log.csv", csvs.iter_csv_bytes(ENTRY_COLUMNS, rows()))


@pages.get("/log/plays", "plays.view")
def list_plays() -> Response:
    """A page of plays, the newest first."""
    form = Form.from_query()
    wanted = logs.PlayFilter(
        screen=form.get_text("screen"),
        item=form.get_text("item"),
        result=form.get_text("result") if form.get_text("result") in PLAY_RESULTS else "",
        from_=form.get_instant("from", get_request_context().zone),
        until=form.get_instant("until", get_request_context().zone),
    )
    found, further = (
        ([], None)
        if form.errors
        else logs.list_plays(get_request_context().app, wanted, _parse_cursor(), ROWS_PER_PAGE)
    )
    return render_page(
        "log/plays.html",
        form.status if form.errors else 200,
        form=form,
        found=[(one, datetime.fromtimestamp(one.corrected_ms / 1000, UTC)) for one in found],
        next_cursor=f"{further.batch}.{further.seq}" if further else None,
        shown=bool(request.args.get("cursor")),
        results=PLAY_RESULTS,
    )


def _parse_cursor() -> PlayCursor | None:
    batch, _, seq = request.args.get("cursor", "").partition(".")
    good = all(part.isascii() and part.isdigit() and len(part) < 18 for part in (batch, seq))
    return PlayCursor(int(batch), int(seq)) if good else None


@pages.get("/log/plays.csv", "plays.export")
def export_plays() -> Response:
    """All plays of a screen, those in the archive too, for a spreadsheet."""
    form, office = Form.from_query(), get_request_context().app
    form.require_fields("screen")
    begin, end = (
        form.get_instant("from", get_request_context().zone),
        form.get_instant("until", get_request_context().zone),
    )
    if form.errors:
        return render_page(
            "log/plays.html", form.status, form=form, found=[], next_cursor=None, shown=False, results=PLAY_RESULTS
        )
    return _respond_csv("plays.csv", _iter_plays_csv(office, form.get_text("screen"), begin, end))


def _iter_plays_csv(office: AppContext, screen: str, begin: datetime | None, end: datetime | None) -> Iterator[bytes]:
    with open_screen_plays(office, screen, begin, end) as found:
        left_out = ((screen, *_format_damage_row(one)) for one in found.damaged_files)
        yield from csvs.iter_csv_bytes(
            CSV_COLUMNS, chain((format_csv_row(proof, found.zone) for proof in found.plays), left_out)
        )


def _format_damage_row(one: ArchiveDamage) -> tuple[str, ...]:
    """A row for a file whose plays are left out."""
    said = render_message(f"archive-{one.why}", get_language(), {"day": one.day, "file": one.file})
    return ("", "", said, *[""] * (len(CSV_COLUMNS) - 4))


def _respond_csv(name: str, pieces: Iterator[bytes]) -> Response:
    response = Response(stream_with_context(pieces), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response
