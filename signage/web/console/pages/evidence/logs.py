"""The audit log and the plays: search and export, read-only."""

import json
from collections.abc import Iterator
from datetime import datetime
from itertools import chain

from flask import Response, request, stream_with_context

from signage.evidence.archive_integrity import ArchiveDamage
from signage.evidence.play_export import CSV_COLUMNS, format_csv_row, list_details
from signage.messages import render_message
from signage.model import spreadsheet_csv
from signage.protocol.epoch import from_ms
from signage.protocol.plays import PLAY_RESULTS
from signage.services.context import AppContext
from signage.services.evidence import log_queries
from signage.services.evidence.log_queries import PlayCursor
from signage.services.evidence.plays import open_screen_plays
from signage.web.console.framework.formatting import render_page
from signage.web.console.framework.toolkit import Form, PageGroup, get_language, get_request_context, redirect_to_page

pages = PageGroup("log")
ROWS_PER_PAGE = 50
MAX_CSV_ROWS = 200_000
ENTRY_COLUMNS = ("record", "at", "who", "verb", "object", "details")


@pages.get("/log", "plays.view")
def list_() -> Response:
    """Redirect to the log that the reader may read."""
    return (
        redirect_to_page("log.list_entries")
        if get_request_context().is_allowed("audit.view")
        else redirect_to_page("log.list_plays")
    )


@pages.get("/log/entries", "audit.view")
def list_entries() -> Response:
    """List the audit log, newest first."""
    form, audit_filter = _parse_entry_filter()
    cursor = request.args.get("cursor", "")
    before_index = int(cursor) if cursor.isascii() and cursor.isdigit() and len(cursor) < 18 else None
    entries = (
        []
        if form.errors
        else log_queries.list_audit_entries(get_request_context().app, audit_filter, before_index, ROWS_PER_PAGE + 1)
    )
    return render_page(
        "logs/entries.html",
        form.status if form.errors else 200,
        form=form,
        found=[(entry, _format_details(entry)) for entry in entries[:ROWS_PER_PAGE]],
        next_cursor=entries[ROWS_PER_PAGE - 1].index if len(entries) > ROWS_PER_PAGE else None,
        shown=bool(cursor),
    )


def _parse_entry_filter() -> tuple[Form, log_queries.AuditFilter]:
    form = Form.from_query()
    conditions = {name: form.get_text(name) for name in ("who", "verb", "object")}
    return form, log_queries.AuditFilter(
        from_=form.get_instant("from", get_request_context().zone),
        until=form.get_instant("until", get_request_context().zone),
        **conditions,
    )


def _format_details(entry: log_queries.AuditEntryView) -> list[tuple[str, str]]:
    return [
        (key, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
        for key, value in entry.details.items()
    ]


@pages.get("/log/entries.csv", "audit.export")
def export_entries() -> Response:
    """Export the matching entries as CSV."""
    form, audit_filter = _parse_entry_filter()
    if form.errors or not get_request_context().is_allowed("audit.view"):
        return Response(status=403 if not form.errors else 422)
    app = get_request_context().app

    def rows() -> Iterator[tuple[object, ...]]:
        for number, entry in enumerate(log_queries.iterate_audit_entries(app, audit_filter)):
            if number >= MAX_CSV_ROWS:
                return
            details = json.dumps(dict(entry.details), ensure_ascii=False)
            yield entry.index + 1, entry.at.isoformat(), entry.who, entry.verb, entry.object, details

    return _respond_csv("log.csv", spreadsheet_csv.iter_csv_bytes(ENTRY_COLUMNS, rows()))


@pages.get("/log/plays", "plays.view")
def list_plays() -> Response:
    """List plays, newest first."""
    form = Form.from_query()
    play_filter = log_queries.PlayFilter(
        screen=form.get_text("screen"),
        item=form.get_text("item"),
        result=form.get_text("result") if form.get_text("result") in PLAY_RESULTS else "",
        from_=form.get_instant("from", get_request_context().zone),
        until=form.get_instant("until", get_request_context().zone),
    )
    plays, next_cursor = (
        ([], None)
        if form.errors
        else log_queries.list_plays(get_request_context().app, play_filter, _parse_cursor(), ROWS_PER_PAGE)
    )
    return render_page(
        "logs/plays.html",
        form.status if form.errors else 200,
        form=form,
        found=[(play, from_ms(play.corrected_ms), list_details(play)) for play in plays],
        next_cursor=f"{next_cursor.batch}.{next_cursor.seq}" if next_cursor else None,
        shown=bool(request.args.get("cursor")),
        results=PLAY_RESULTS,
    )


def _parse_cursor() -> PlayCursor | None:
    batch, _, seq = request.args.get("cursor", "").partition(".")
    good = all(part.isascii() and part.isdigit() and len(part) < 18 for part in (batch, seq))
    return PlayCursor(int(batch), int(seq)) if good else None


@pages.get("/log/plays.csv", "plays.export")
def export_plays() -> Response:
    """Export all plays of a screen as CSV, archived ones included."""
    form, app = Form.from_query(), get_request_context().app
    form.require_fields("screen")
    begin, end = (
        form.get_instant("from", get_request_context().zone),
        form.get_instant("until", get_request_context().zone),
    )
    if form.errors:
        return render_page(
            "logs/plays.html", form.status, form=form, found=[], next_cursor=None, shown=False, results=PLAY_RESULTS
        )
    return _respond_csv("plays.csv", _iter_plays_csv(app, form.get_text("screen"), begin, end))


def _iter_plays_csv(app: AppContext, screen: str, begin: datetime | None, end: datetime | None) -> Iterator[bytes]:
    with open_screen_plays(app, screen, begin, end) as screen_plays:
        damage_rows = ((screen, *_format_damage_row(damage)) for damage in screen_plays.damaged_files)
        yield from spreadsheet_csv.iter_csv_bytes(
            CSV_COLUMNS, chain((format_csv_row(play, screen_plays.zone) for play in screen_plays.plays), damage_rows)
        )


def _format_damage_row(damage: ArchiveDamage) -> tuple[str, ...]:
    """Return a CSV row for an archive file whose plays are left out."""
    message = render_message(f"archive-{damage.why}", get_language(), {"day": damage.day, "file": damage.file})
    return ("", "", message, *[""] * (len(CSV_COLUMNS) - 4))


def _respond_csv(name: str, chunks: Iterator[bytes]) -> Response:
    response = Response(stream_with_context(chunks), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response
