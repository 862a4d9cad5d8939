"""Reports: a campaign's summary made now, as a document, a spreadsheet or for printing."""

import tempfile
from pathlib import Path

from flask import Response

from signage.acts import approvals
from signage.acts.papers import papers_of
from signage.acts.reports import make_report
from signage.web.console.base import Pages, here
from signage.web.console.telling import render

pages = Pages("reports")
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


@pages.post("/campaigns/<campaign_id>/report/<ending>", "report.make")
def make(campaign_id: str, ending: str) -> Response:
    """Make it, and hand it out; that it was made is logged."""
    now = here()
    planned = papers_of(now.office, now.rules, now.library)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{campaign_id}.{ending}"
        make_report(now.office, now.actor, campaign_id, path, planned)
        data = path.read_bytes()
    response = Response(data, content_type=TYPES.get(ending, "application/octet-stream"))
    response.headers["Content-Disposition"] = f'attachment; filename="{campaign_id}.{ending}"'
    return response
