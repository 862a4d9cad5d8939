"""Campaign reports: as a page, a document, a spreadsheet or a PDF."""

import tempfile
from dataclasses import replace
from pathlib import Path

from flask import Response, request

from signage.evidence.reports.report import CampaignReport
from signage.evidence.reports.tables import MAX_DAYS, build_screen_table, build_tables
from signage.evidence.reports.text import ReportText, get_report_text
from signage.faults import refuse
from signage.messages import Language
from signage.services.campaigns import approval
from signage.services.campaigns.simulation import create_forecast_provider
from signage.services.evidence.reports import create_report, get_report, get_thumbnail
from signage.web.console.framework.formatting import render_page
from signage.web.console.framework.i18n import get_language
from signage.web.console.framework.toolkit import PageGroup, get_request_context

pages = PageGroup("reports")
MAX_SCREENS, MAX_PICTURES = 500, 24
CONTENT_TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
    "csv": "text/csv; charset=utf-8",
}


@pages.get("/campaigns/<campaign_id>/report", "report.view")
def show(campaign_id: str) -> Response:
    """Show the formats to choose from."""
    return render_page(
        "reports/show.html",
        card=approval.get_campaign_overview(get_request_context().app, get_request_context().actor, campaign_id),
        formats=tuple(CONTENT_TYPES),
    )


@pages.get("/campaigns/<campaign_id>/report/page", "report.view")
def show_page(campaign_id: str) -> Response:
    """Show the frame of the report page; a script inserts the report once all plays are counted."""
    return render_page(
        "reports/page.html",
        card=approval.get_campaign_overview(get_request_context().app, get_request_context().actor, campaign_id),
    )


@pages.get("/campaigns/<campaign_id>/report/whole", "report.view")
def show_summary(campaign_id: str) -> Response:
    """Show the report as a page, row for row as in the files; counting the plays may take long."""
    context = get_request_context()
    overview = approval.get_campaign_overview(context.app, context.actor, campaign_id)
    report = get_report(
        context.app, campaign_id, create_forecast_provider(context.app, context.schedule_rules, context.library)
    )
    text = get_report_text(get_language())
    screen_table = build_screen_table(report, text)
    return render_page(
        "reports/whole.html",
        card=overview,
        report=report,
        say=text,
        tables=[*build_tables(report, text), replace(screen_table, rows=screen_table.rows[:MAX_SCREENS])],
        more_screens=max(0, len(screen_table.rows) - MAX_SCREENS),
        charts=[] if report.is_empty else _build_charts(report, text),
        shown=[row for row in report.items if row.picture is not None][:MAX_PICTURES],
    )


def _build_charts(report: CampaignReport, text: ReportText) -> list[tuple[str, list[tuple[str, int, int]], int]]:
    """Return for each chart its name, its rows (name, planned, proven) and the maximum value."""
    items = [(row.text or row.item, row.totals.planned, row.totals.proven) for row in report.items]
    days = [(text.format_day_label(day), totals.planned, totals.proven) for day, totals in report.days[-MAX_DAYS:]]
    charts = [("item-chart", items), *([("day-chart", days)] if len(days) > 1 else [])]
    return [(name, rows, max((max(totals[1:]) for totals in rows), default=0) or 1) for name, rows in charts]


@pages.get("/campaigns/<campaign_id>/report/picture/<sha256>", "report.view")
def show_thumbnail(campaign_id: str, sha256: str) -> Response:
    """Serve a small picture of an item."""
    data = get_thumbnail(get_request_context().app, sha256)
    if data is None:
        raise refuse("clip-unknown", sha256[:64])
    response = Response(data, content_type="image/png")
    response.headers["Cache-Control"] = "private, max-age=86400, immutable"
    return response


@pages.post("/campaigns/<campaign_id>/report/<extension>", "report.make")
def make(campaign_id: str, extension: str) -> Response:
    """Create the report file and send it; the audit log records it."""
    context = get_request_context()
    language: Language = "en" if request.form.get("lang") == "en" else "zh"
    forecast_provider = create_forecast_provider(context.app, context.schedule_rules, context.library)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{campaign_id}.{extension}"
        create_report(context.app, context.actor, campaign_id, path, forecast_provider, language)
        data = path.read_bytes()
    response = Response(data, content_type=CONTENT_TYPES.get(extension, "application/octet-stream"))
    response.headers["Content-Disposition"] = f'attachment; filename="{campaign_id}.{extension}"'
    return response
