"""Reports: what a campaign's summary would be made of, and the summary itself as a file."""

import tempfile
from datetime import datetime
from pathlib import Path

from msgspec import Struct

from signage.faults import refuse
from signage.messages import Language
from signage.services.campaigns import board as desk
from signage.services.campaigns.papers import papers_of
from signage.services.evidence import reports
from signage.web.api.framework.operations import Asked, Page, Paging, Resource, Response, page_of

api = Resource("reports")
TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
    "csv": "text/csv; charset=utf-8",
}


class ReportShown(Struct, frozen=True, kw_only=True):
    """A campaign of which a summary can be made, and where it is, by format."""

    campaign: str
    title: str
    unit: str | None
    state: str
    due: datetime | None
    files: dict[str, str]


class ReportQuery(Struct, frozen=True, kw_only=True):
    """*lang*: zh or en."""

    lang: Language = "zh"


@api.get("/reports", "report.view", query=Paging, answer=Page[ReportShown])
def list_(asked: Asked) -> Page[ReportShown]:
    """Campaigns by id, with the addresses of their summaries."""
    q = asked.query
    lines = [line for line in desk.lines(asked.office) if line.id > q.cursor]
    found = [
        ReportShown(
            campaign=line.id,
            title=line.head.title,
            unit=line.head.unit,
            state=line.column,
            due=line.head.report_due,
            files={ending: f"/api/v1/reports/{line.id}/{ending}" for ending in TYPES},
        )
        for line in lines[: q.limit + 1]
    ]
    return page_of(found, q.limit, lambda one: one.campaign)


@api.get(
    "/reports/{id}/{format}",
    "report.make",
    query=ReportQuery,
    gives="application/octet-stream",
    answer=bytes,
    errors=(404,),
)
def make(asked: Asked) -> Response:
    """The summary of a campaign: docx, xlsx, pdf or csv."""
    ending = asked.path["format"]
    if ending not in TYPES:
        raise refuse("report-format-unknown", "format", format=ending[:20], known=", ".join(TYPES))

    papers = papers_of(asked.office, asked.rules, asked.library)
    with tempfile.TemporaryDirectory(prefix="signage-report-") as folder:
        path = Path(folder) / f"{asked.id}.{ending}"
        reports.make_report(asked.office, asked.actor, asked.id, path, papers, asked.query.lang)
        data = path.read_bytes()
    response = Response(data, content_type=TYPES[ending])
    response.headers["Content-Disposition"] = f'attachment; filename="{asked.id}.{ending}"'
    return response
