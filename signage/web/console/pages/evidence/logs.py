"""The log: what was done and what was played, searched and handed out. Nothing in it can be changed here."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain

from flask import Response, request, stream_with_context

from signage.evidence.archive_integrity import Unfit
from signage.evidence.judged_plays import HEADS, row
from signage.messages import say
from signage.model import spreadsheet_csv as csvs
from signage.services.context import Office
from signage.services.evidence import log_queries as logs
from signage.services.evidence.log_queries import Cursor
from signage.services.evidence.plays import plays_of
from signage.web.console.framework.formatting import render
from signage.web.console.framework.toolkit import Form, Pages, go, here, language

pages = Pages("log")
ROWS = 50
MOST_ROWS = 200_000
ENTRY_HEADS = ("record", "at", "who", "verb", "object", "details")
RESULTS = ("completed", "cut", "skipped", "failed")


@pages.get("/log", "plays.view")
def list_() -> Response:
    """The log that the reader may read."""
    return go("log.entries") if here().may("audit.view") else go("log.plays")


@pages.get("/log/entries", "audit.view")
def entries() -> Response:
    """A page of the audit log, the newest first."""
    form, wanted = _wanted()
    cursor = request.args.get("cursor", "")
    before = int(cursor) if cursor.isascii() and cursor.isdigit() and len(cursor) < 18 else None
    found = [] if form.errors else logs.entries(here().office, wanted, before, ROWS + 1)
    return render(
        "log/entries.html",
        form.status if form.errors else 200,
        form=form,
        found=[(one, _pairs(one)) for one in found[:ROWS]],
        next_cursor=found[ROWS - 1].index if len(found) > ROWS else None,
        shown=bool(cursor),
    )


def _wanted() -> tuple[Form, logs.Wanted]:
    form = Form.query()
    facts = {name: form.text(name) for name in ("who", "verb", "object")}
    return form, logs.Wanted(from_=form.moment("from", here().zone), until=form.moment("until", here().zone), **facts)


def _pairs(one: logs.Entry) -> list[tuple[str, str]]:
    return [
        (key, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
        for key, value in one.details.items()
    ]


@pages.get("/log/entries.csv", "audit.export")
def entries_csv() -> Response:
    """The entries that are searched for, for a spreadsheet."""
    form, wanted = _wanted()
    if form.errors or not here().may("audit.view"):
        return Response(status=403 if not form.errors else 422)
    office = here().office

    def rows() -> Iterator[tuple[object, ...]]:
        for number, one in enumerate(logs.every_entry(office, wanted)):
            if number >= MOST_ROWS:
                return
            details = json.dumps(dict(one.details), ensure_ascii=False)
            yield one.index + 1, one.at.isoformat(), one.who, one.verb, one.object, details

    return _csv("log.csv", csvs.encoded(ENTRY_HEADS, rows()))


@pages.get("/log/plays", "plays.view")
def plays() -> Response:
    """A page of plays, the newest first."""
    form = Form.query()
    wanted = logs.PlaysWanted(
        screen=form.text("screen"),
        item=form.text("item"),
        result=form.text("result") if form.text("result") in RESULTS else "",
        from_=form.moment("from", here().zone),
        until=form.moment("until", here().zone),
    )
    found, further = ([], None) if form.errors else logs.plays(here().office, wanted, _cursor(), ROWS)
    return render(
        "log/plays.html",
        form.status if form.errors else 200,
        form=form,
        found=[(one, datetime.fromtimestamp(one.corrected_ms / 1000, UTC)) for one in found],
        next_cursor=f"{further.batch}.{further.seq}" if further else None,
        shown=bool(request.args.get("cursor")),
        results=RESULTS,
    )


def _cursor() -> Cursor | None:
    batch, _, seq = request.args.get("cursor", "").partition(".")
    good = all(part.isascii() and part.isdigit() and len(part) < 18 for part in (batch, seq))
    return Cursor(int(batch), int(seq)) if good else None


@pages.get("/log/plays.csv", "plays.export")
def plays_csv() -> Response:
    """All plays of a screen, those in the archive too, for a spreadsheet."""
    form, office = Form.query(), here().office
    form.need("screen")
    begin, end = form.moment("from", here().zone), form.moment("until", here().zone)
    if form.errors:
        return render(
            "log/plays.html", form.status, form=form, found=[], next_cursor=None, shown=False, results=RESULTS
        )
    return _csv("plays.csv", _plays(office, form.text("screen"), begin, end))


def _plays(office: Office, screen: str, begin: datetime | None, end: datetime | None) -> Iterator[bytes]:
    with plays_of(office, screen, begin, end) as found:
        left_out = ((screen, *_said(one)) for one in found.unfit)
        yield from csvs.encoded(HEADS, chain((row(proof, found.zone) for proof in found.plays), left_out))


def _said(one: Unfit) -> tuple[str, ...]:
    """A row for a file whose plays are left out."""
    said = say(f"archive-{one.why}", language(), {"day": one.day, "file": one.file})
    return ("", "", said, *[""] * (len(HEADS) - 4))


def _csv(name: str, pieces: Iterator[bytes]) -> Response:
    response = Response(stream_with_context(pieces), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response
