"""Campaign reports as files."""

import tempfile
from datetime import datetime
from pathlib import Path

from msgspec import Struct

from signage.faults import refuse
from signage.messages import Language
from signage.services.campaigns import board
from signage.services.campaigns.simulation import create_forecast_provider
from signage.services.evidence import reports
from signage.web.api.framework.operations import ApiRequest, ApiResource, PageOut, PageQuery, Response, build_page

api = ApiResource("reports")
CONTENT_TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
    "csv": "text/csv; charset=utf-8",
}


class ReportOut(Struct, frozen=True, kw_only=True):
    """A campaign with the addresses of its report files, by format."""

    campaign: str
    title: str
    unit: str | None
    state: str
    due: datetime | None
    files: dict[str, str]


class ReportQuery(Struct, frozen=True, kw_only=True):
    """*lang*: zh or en."""

    lang: Language = "zh"


@api.get("/reports", "report.view", query=PageQuery, answer=PageOut[ReportOut])
def list_(api_request: ApiRequest) -> PageOut[ReportOut]:
    """List campaigns by id, with the addresses of their reports."""
    query = api_request.query
    entries = [entry for entry in board.list_campaigns(api_request.app) if entry.id > query.cursor]
    reports = [
        ReportOut(
            campaign=entry.id,
            title=entry.summary.title,
            unit=entry.summary.unit,
            state=entry.stage,
            due=entry.summary.report_due,
            files={extension: f"/api/v1/reports/{entry.id}/{extension}" for extension in CONTENT_TYPES},
        )
        for entry in entries[: query.limit + 1]
    ]
    return build_page(reports, query.limit, lambda report: report.campaign)


@api.get(
    "/reports/{id}/{format}",
    "report.make",
    query=ReportQuery,
    produces="application/octet-stream",
    answer=bytes,
    errors=(404,),
)
def make(api_request: ApiRequest) -> Response:
    """Create the report of a campaign: docx, xlsx, pdf or csv."""
    extension = api_request.path["format"]
    if extension not in CONTENT_TYPES:
        raise refuse("report-format-unknown", "format", format=extension[:20], known=", ".join(CONTENT_TYPES))

    forecast_provider = create_forecast_provider(api_request.app, api_request.schedule_rules, api_request.library)
    with tempfile.TemporaryDirectory(prefix="signage-report-") as folder:
        path = Path(folder) / f"{api_request.id}.{extension}"
        reports.create_report(
            api_request.app, api_request.actor, api_request.id, path, forecast_provider, api_request.query.lang
        )
        data = path.read_bytes()
    response = Response(data, content_type=CONTENT_TYPES[extension])
    response.headers["Content-Disposition"] = f'attachment; filename="{api_request.id}.{extension}"'
    return response
