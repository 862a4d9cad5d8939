"""Campaigns: the list, one with its timeline and versions, and what can be done with it."""

from datetime import date

from flask import Response, request

from signage.faults import Fault
from signage.model.campaign import Campaign
from signage.model.campaign_file.write import format_campaign_file
from signage.model.ids import is_id
from signage.services.campaigns import approval as approvals
from signage.services.campaigns import board as desk
from signage.services.campaigns import drafts as campaign_drafts
from signage.services.campaigns import folder_watch as folder
from signage.services.campaigns import queries as campaign_lists
from signage.services.campaigns import review_findings as reviewing
from signage.services.campaigns import versions as acts
from signage.services.campaigns.simulation import build_check_context
from signage.web.console.framework.formatting import render_page
from signage.web.console.framework.toolkit import Form, PageGroup, get_request_context, redirect_to_page
from signage.web.console.pages.campaigns.campaign_calendar import build_calendar
from signage.web.console.pages.library import item_previews as showing_item

pages = PageGroup("campaigns")
ROWS_PER_PAGE = 50
_MAX_FILE_BYTES = 4 << 20


@pages.get("/campaigns", "campaign.view")
def list_() -> Response:
    """All campaigns, those that go on first; the archive by a switch."""
    now, start = get_request_context(), parse_cursor()
    search, archive = request.args.get("search", "").strip(), bool(request.args.get("archive"))
    lines = [line for line in desk.list_campaigns(now.app) if (line.stage == "ended") == archive]
    if search:
        lines = [line for line in lines if search.casefold() in f"{line.id} {line.head.title}".casefold()]
    lines.sort(key=lambda line: (line.head.starts_at, line.id), reverse=True)
    return render_page(
        "campaigns/list.html",
        cards=desk.list_campaign_overviews(now.app, now.actor, lines[start : start + ROWS_PER_PAGE]),
        next_cursor=start + ROWS_PER_PAGE if len(lines) > start + ROWS_PER_PAGE else None,
        shown=start > 0,
        search=search,
        archive=archive,
        faults=[fault for fault in folder.list_file_faults(now.app) if fault.level == "error"],
    )


def parse_cursor() -> int:
    """At which row of a list the page begins."""
    told = request.args.get("cursor", "")
    return int(told) if told.isascii() and told.isdigit() and len(told) < 9 else 0


@pages.get("/campaigns/<campaign_id>", "campaign.view")
def show(campaign_id: str) -> Response:
    """One campaign."""
    now = get_request_context()
    card = approvals.get_campaign_overview(now.app, now.actor, campaign_id)
    kept, versions = campaign_lists.get_campaign(now.app, campaign_id)
    number = request.args.get("version", "")
    shown = next((t.version for t in versions if str(t.version.version) == number), card.version)
    on = campaign_lists.get_panel_coverage(now.app, shown.campaign)
    return render_page(
        "campaigns/show.html",
        card=card,
        kept=kept,
        versions=versions,
        shown=shown,
        campaign=shown.campaign,
        line=build_calendar(shown.campaign, now.schedule_rules.calendars, _parse_day("day")),
        panels=on.screen_counts,
        items=showing_item.build_item_views(shown.campaign, on),
        findings=list_findings(shown.campaign),
    )


def list_findings(campaign: Campaign) -> tuple[Fault, ...]:
    """What is to be said of a campaign before it is judged."""
    now = get_request_context()
    return reviewing.list_findings(now.app, campaign, build_check_context(now.app, now.schedule_rules, campaign))


def _parse_day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None


@pages.get("/campaigns/<campaign_id>/file", "campaign.view")
def download(campaign_id: str) -> Response:
    """The campaign as a file: as it was written, or as the console would write it."""
    now = get_request_context()
    card = approvals.get_campaign_overview(now.app, now.actor, campaign_id)
    text = card.version.text if request.args.get("as") != "console" else format_campaign_file(card.campaign)
    response = Response(text, content_type="application/toml; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{campaign_id}.toml"'
    return response


@pages.get("/campaigns/<campaign_id>/copy", "campaign.save")
def new_copy(campaign_id: str) -> Response:
    """The form for a copy."""
    card = approvals.get_campaign_overview(get_request_context().app, get_request_context().actor, campaign_id)
    stem = f"{campaign_id[:58]}-copy"
    return render_page("campaigns/copy.html", card=card, form=Form({"id": stem, "title": card.campaign.title}))


@pages.post("/campaigns/<campaign_id>/copy", "campaign.save")
def duplicate(campaign_id: str) -> Response:
    """Make the copy: a draft."""
    now, form = get_request_context(), Form.from_request()
    card = approvals.get_campaign_overview(now.app, now.actor, campaign_id)
    _check_id(form)
    if not form.errors:
        with form.collect_faults():
            campaign_drafts.copy_campaign(
                now.app, now.actor, campaign_id, form.get_text("id"), form.get_optional_text("title")
            )
    if form.errors:
        return render_page("campaigns/copy.html", form.status, card=card, form=form)
    return redirect_to_page("editing.edit", campaign_id=form.get_text("id"))


def _check_id(form: Form) -> None:
    if not is_id(form.get_text("id")):
        form.add_fault("id-malformed" if form.get_text("id") else "form-needed", "id", id=form.get_text("id")[:60])


@pages.get("/campaigns/-/import", "campaign.save")
def show_import() -> Response:
    """The form for a campaign file."""
    return render_page("campaigns/import.html", form=Form())


@pages.post("/campaigns/-/import", "campaign.save", max_bytes=_MAX_FILE_BYTES)
def import_file() -> Response:
    """Keep a campaign file as a draft."""
    now, form = get_request_context(), Form.from_request()
    file = request.files.get("file")
    campaign: Campaign | None = None
    if file is None or not file.filename:
        form.add_fault("form-needed", "file")
    else:
        campaign, text, faults = campaign_drafts.examine_campaign_text(now.app, file.read())
        form.faults += [fault for fault in faults if fault.level == "error"]
        if campaign is not None:
            with form.collect_faults():
                campaign_drafts.save_draft(now.app, now.actor, campaign, text, None)
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
    """Take the submission back."""
    campaign_drafts.withdraw_submission(get_request_context().app, get_request_context().actor, campaign_id)
    return redirect_to_page("campaigns.show", done="campaign-withdrawn", campaign_id=campaign_id)


@pages.post("/campaigns/<campaign_id>/end", "campaign.end")
def end(campaign_id: str) -> Response:
    """Archive it."""
    acts.end_campaign(
        get_request_context().app, get_request_context().actor, campaign_id, Form.from_request().get_text("why")
    )
    return redirect_to_page("campaigns.show", done="campaign-ended", campaign_id=campaign_id)


@pages.post("/campaigns/<campaign_id>/restore", "campaign.restore")
def restore(campaign_id: str) -> Response:
    """Take it out of the archive, as a draft."""
    campaign_drafts.restore_campaign(get_request_context().app, get_request_context().actor, campaign_id)
    return redirect_to_page("campaigns.show", done="campaign-taken-up", campaign_id=campaign_id)
