"""Reports: a campaign's summary made now, as a page, a document, a spreadsheet or for printing."""

import tempfile
from dataclasses import replace
from pathlib import Path

from flask import Response, request

from signage.evidence.reports.report import Report
from signage.evidence.reports.tables import MOST_DAYS, screens, tables
from signage.evidence.reports.text import Wording, wording
from signage.faults import refuse
from signage.messages import Language
from signage.services.campaigns import approval as approvals
from signage.services.campaigns.papers import papers_of
from signage.services.evidence.reports import look, make_report, picture
from signage.web.console.framework.formatting import render
from signage.web.console.framework.i18n import language
from signage.web.console.framework.toolkit import Pages, here

pages = Pages("reports")
MOST_SCREENS, MOST_PICTURES = 500, 24
TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
    "csv": "text/csv; charset=utf-8",
}


@pages.get("/campaigns/<campaign_id>/report", "report.view")
def show(campaign_id: str) -> Response:
    """The formats to choose from."""
    return render(
        "reports/show.html", card=approvals.card(here().office, here().actor, campaign_id), formats=tuple(TYPES)
    )


@pages.get("/campaigns/<campaign_id>/report/page", "report.view")
def page(campaign_id: str) -> Response:
    """The frame of the summary, at once; a script puts the summary in as soon as all plays are counted."""
    return render("reports/page.html", card=approvals.card(here().office, here().actor, campaign_id))


@pages.get("/campaigns/<campaign_id>/report/whole", "report.view")
def whole(campaign_id: str) -> Response:
    """The summary as a page: row for row what the files say. It takes as long as counting the plays does."""
    now = here()
    card = approvals.card(now.office, now.actor, campaign_id)
    report = look(now.office, campaign_id, papers_of(now.office, now.rules, now.library))
    say = wording(language())
    every = screens(report, say)
    return render(
        "reports/whole.html",
        card=card,
        report=report,
        say=say,
        tables=[*tables(report, say), replace(every, rows=every.rows[:MOST_SCREENS])],
        more_screens=max(0, len(every.rows) - MOST_SCREENS),
        charts=[] if report.empty else _charts(report, say),
        shown=[row for row in report.rows if row.picture is not None][:MOST_PICTURES],
    )


def _charts(report: Report, say: Wording) -> list[tuple[str, list[tuple[str, int, int]], int]]:
    """For each chart its name, its rows (name, planned, proven) and the most of them."""
    items = [(row.text or row.item, row.sum.planned, row.sum.proven) for row in report.rows]
    days = [(say.label(day), one.planned, one.proven) for day, one in report.days[-MOST_DAYS:]]
    drawn = [("item-chart", items), *([("day-chart", days)] if len(days) > 1 else [])]
    return [(name, rows, max((max(one[1:]) for one in rows), default=0) or 1) for name, rows in drawn]


@pages.get("/campaigns/<campaign_id>/report/picture/<sha256>", "report.view")
def small_picture(campaign_id: str, sha256: str) -> Response:
    """A small picture of what was shown."""
    data = picture(here().office, sha256)
    if data is None:
        raise refuse("clip-unknown", sha256[:64])
    response = Response(data, content_type="image/png")
    response.headers["Cache-Control"] = "private, max-age=86400, immutable"
    return response


@pages.post("/campaigns/<campaign_id>/report/<ending>", "report.make")
def make(campaign_id: str, ending: str) -> Response:
    """Make it, and hand it out; that it was made is logged."""
    now = here()
    spoken: Language = "en" if request.form.get("lang") == "en" else "zh"
    planned = papers_of(now.office, now.rules, now.library)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{campaign_id}.{ending}"
        make_report(now.office, now.actor, campaign_id, path, planned, spoken)
        data = path.read_bytes()
    response = Response(data, content_type=TYPES.get(ending, "application/octet-stream"))
    response.headers["Content-Disposition"] = f'attachment; filename="{campaign_id}.{ending}"'
    return response
