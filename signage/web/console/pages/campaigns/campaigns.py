"""Campaigns: the list, one with its calendar and versions, and its actions."""

from datetime import date

from flask import Response, request

from signage.faults import Fault
from signage.model.campaign import Campaign
from signage.model.campaign_file.write import format_campaign_file
from signage.model.ids import is_id
from signage.services.campaigns import approval, autosaves, board, folder_watch, review_findings
from signage.services.campaigns import drafts as campaign_drafts
from signage.services.campaigns import queries as campaign_queries
from signage.services.campaigns import versions as campaign_versions
from signage.services.campaigns.simulation import build_check_context
from signage.web.console.framework.formatting import render_page
from signage.web.console.framework.toolkit import Form, PageGroup, get_request_context, redirect_to_page
from signage.web.console.pages.campaigns.campaign_calendar import build_calendar
from signage.web.console.pages.library import item_previews

pages = PageGroup("campaigns")
ROWS_PER_PAGE = 50
_MAX_FILE_BYTES = 4 << 20


@pages.get("/campaigns", "campaign.view")
def list_() -> Response:
    """List campaigns, latest start first; ended ones on request."""
    context, start = get_request_context(), parse_cursor()
    search, archive = request.args.get("search", "").strip(), bool(request.args.get("archive"))
    entries = [entry for entry in board.list_campaigns(context.app) if (entry.stage == "ended") == archive]
    if search:
        entries = [entry for entry in entries if search.casefold() in f"{entry.id} {entry.summary.title}".casefold()]
    may_save = context.is_allowed("campaign.save")
    entries.sort(key=lambda entry: (entry.summary.starts_at, entry.id), reverse=True)
    return render_page(
        "campaigns/list.html",
        cards=board.list_campaign_overviews(context.app, context.actor, entries[start : start + ROWS_PER_PAGE]),
        next_cursor=start + ROWS_PER_PAGE if len(entries) > start + ROWS_PER_PAGE else None,
        shown=start > 0,
        search=search,
        archive=archive,
        unfinished=autosaves.list_autosaves(context.app, context.actor) if may_save and not (archive or start) else [],
        discarded=autosaves.list_autosaves(context.app, context.actor, discarded=True) if may_save else [],
        faults=[fault for fault in folder_watch.list_file_faults(context.app) if fault.level == "error"],
    )


def parse_cursor() -> int:
    """Return the index of the first row of the page."""
    cursor = request.args.get("cursor", "")
    return int(cursor) if cursor.isascii() and cursor.isdigit() and len(cursor) < 9 else 0


@pages.get("/campaigns/<campaign_id>", "campaign.view")
def show(campaign_id: str) -> Response:
    """Show a campaign."""
    context = get_request_context()
    overview = approval.get_campaign_overview(context.app, context.actor, campaign_id)
    row, versions = campaign_queries.get_campaign(context.app, campaign_id)
    version_text = request.args.get("version", "")
    version = next((t.version for t in versions if str(t.version.version) == version_text), overview.version)
    coverage = campaign_queries.get_panel_coverage(context.app, version.campaign)
    return render_page(
        "campaigns/show.html",
        card=overview,
        kept=row,
        versions=versions,
        shown=version,
        campaign=version.campaign,
        line=build_calendar(version.campaign, context.schedule_rules.calendars, _parse_day("day")),
        panels=coverage.screen_counts,
        items=item_previews.build_item_views(version.campaign, coverage),
        findings=list_findings(version.campaign),
    )


def list_findings(campaign: Campaign) -> tuple[Fault, ...]:
    """Return the findings of the campaign checks."""
    context = get_request_context()
    return review_findings.list_findings(
        context.app, campaign, build_check_context(context.app, context.schedule_rules, campaign)
    )


def _parse_day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None


@pages.get("/campaigns/<campaign_id>/file", "campaign.view")
def download(campaign_id: str) -> Response:
    """Download the campaign file: as written, or as the console writes it."""
    context = get_request_context()
    overview = approval.get_campaign_overview(context.app, context.actor, campaign_id)
    text = overview.version.text if request.args.get("as") != "console" else format_campaign_file(overview.campaign)
    response = Response(text, content_type="application/toml; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{campaign_id}.toml"'
    return response


@pages.get("/campaigns/<campaign_id>/copy", "campaign.save")
def new_copy(campaign_id: str) -> Response:
    """Show the form for a copy."""
    overview = approval.get_campaign_overview(get_request_context().app, get_request_context().actor, campaign_id)
    suggested_id = f"{campaign_id[:58]}-copy"
    return render_page(
        "campaigns/copy.html", card=overview, form=Form({"id": suggested_id, "title": overview.campaign.title})
    )


@pages.post("/campaigns/<campaign_id>/copy", "campaign.save")
def duplicate(campaign_id: str) -> Response:
    """Copy the campaign to a draft."""
    context, form = get_request_context(), Form.from_request()
    overview = approval.get_campaign_overview(context.app, context.actor, campaign_id)
    _check_id(form)
    if not form.errors:
        with form.collect_faults():
            campaign_drafts.copy_campaign(
                context.app, context.actor, campaign_id, form.get_text("id"), form.get_optional_text("title")
            )
    if form.errors:
        return render_page("campaigns/copy.html", form.status, card=overview, form=form)
    return redirect_to_page("editing.edit", campaign_id=form.get_text("id"))


def _check_id(form: Form) -> None:
    if not is_id(form.get_text("id")):
        form.add_fault("id-malformed" if form.get_text("id") else "form-needed", "id", id=form.get_text("id")[:60])


@pages.get("/campaigns/-/import", "campaign.save")
def show_import() -> Response:
    """Show the form for importing a campaign file."""
    return render_page("campaigns/import.html", form=Form())


@pages.post("/campaigns/-/import", "campaign.save", max_bytes=_MAX_FILE_BYTES)
def import_file() -> Response:
    """Save a campaign file as a draft."""
    context, form = get_request_context(), Form.from_request()
    file = request.files.get("file")
    campaign: Campaign | None = None
    if file is None or not file.filename:
        form.add_fault("form-needed", "file")
    else:
        campaign, text, faults = campaign_drafts.examine_campaign_text(context.app, file.read())
        form.faults += [fault for fault in faults if fault.level == "error"]
        if campaign is not None:
            with form.collect_faults():
                campaign_drafts.save_draft(context.app, context.actor, campaign, text, None)
    if form.errors or campaign is None:
        return render_page("campaigns/import.html", form.status, form=form)
    return redirect_to_page("campaigns.show", done="campaign-saved", campaign_id=campaign.id)


@pages.post("/campaigns/<campaign_id>/submit", "campaign.submit")
def submit(campaign_id: str) -> Response:
    """Submit the newest version as it was shown."""
    form = Form.from_request()
    number = form.get_int("version") or 0
    campaign_drafts.submit_draft(
        get_request_context().app, get_request_context().actor, campaign_id, number, form.get_text("meaning")
    )
    return redirect_to_page("campaigns.show", done="campaign-submitted", campaign_id=campaign_id)


@pages.post("/campaigns/<campaign_id>/withdraw", "campaign.withdraw")
def withdraw(campaign_id: str) -> Response:
    """Withdraw the submission."""
    campaign_drafts.withdraw_submission(get_request_context().app, get_request_context().actor, campaign_id)
    return redirect_to_page("campaigns.show", done="campaign-withdrawn", campaign_id=campaign_id)


@pages.post("/campaigns/<campaign_id>/end", "campaign.end")
def end(campaign_id: str) -> Response:
    """End the campaign."""
    campaign_versions.end_campaign(
        get_request_context().app, get_request_context().actor, campaign_id, Form.from_request().get_text("why")
    )
    return redirect_to_page("campaigns.show", done="campaign-ended", campaign_id=campaign_id)


@pages.post("/campaigns/<campaign_id>/restore", "campaign.restore")
def restore(campaign_id: str) -> Response:
    """Restore the ended campaign as a draft."""
    campaign_drafts.restore_campaign(get_request_context().app, get_request_context().actor, campaign_id)
    return redirect_to_page("campaigns.show", done="campaign-taken-up", campaign_id=campaign_id)
