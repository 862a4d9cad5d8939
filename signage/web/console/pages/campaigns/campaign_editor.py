"""The full campaign form: every key of the campaign file, row by row; the simulation of a version."""

import difflib
from datetime import datetime, timedelta

from flask import Response, request

from signage.model.campaign import Campaign
from signage.services.campaigns import approval, autosaves, simulation
from signage.services.campaigns import drafts as campaign_drafts
from signage.services.campaigns import queries as campaign_queries
from signage.services.campaigns.approval import CampaignOverview
from signage.services.library import clips as clip_library
from signage.services.library import slogans
from signage.services.screens import overview as screen_overviews
from signage.web.console.framework.formatting import render_page
from signage.web.console.framework.toolkit import Form, PageGroup, get_request_context, redirect_to_page
from signage.web.console.pages.campaigns import campaign_form
from signage.web.console.pages.campaigns.campaigns import list_findings
from signage.web.console.pages.campaigns.steps import content, editor_state
from signage.web.console.pages.library.slogans import list_panels_in_use

pages = PageGroup("full_form")
_MAX_FORM_BYTES = 4 << 20
_MAX_CLIPS = 200


@pages.get("/campaigns/-/new/full", "campaign.save")
def new() -> Response:
    """Show the form with the defaults of a new campaign, or with an unfinished one (``?autosave=``)."""
    context, form = get_request_context(), Form()
    today = (
        context.app.clock.now().astimezone(context.zone).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    )
    begin = today + timedelta(days=1)
    form.values = _find_autosaved_values() or campaign_form.build_new_values(
        context.app.timezone, context.user.unit, begin, begin + timedelta(days=7)
    )
    return _render_form(form, None)


def _find_autosaved_values() -> campaign_form.FormValues | None:
    """Return the fields of the unfinished campaign that the address names, with what the steps left to the end."""
    number = request.args.get("autosave", "")
    if not number:
        return None
    state = editor_state.with_campaign_id(editor_state.load_state(content.parse_number(number)))
    content.add_new_slogans(state.values)
    state.values["autosave"] = number
    state.values["based_on"] = str(state.based_on or "")
    return state.values


@pages.post("/campaigns/-/new/full", "campaign.save", max_bytes=_MAX_FORM_BYTES)
def add() -> Response:
    """Save a draft, or change the rows of the form."""
    return _save(Form.from_request(), None)


@pages.get("/campaigns/<campaign_id>/edit/full", "campaign.save")
def edit(campaign_id: str) -> Response:
    """Show the form with the newest version."""
    overview = approval.get_campaign_overview(get_request_context().app, get_request_context().actor, campaign_id)
    form = Form()
    form.values = _find_autosaved_values() or campaign_form.build_values(overview.campaign)
    form.values["based_on"] = form.values.get("based_on") or str(overview.version.version)
    return _render_form(form, overview)


@pages.post("/campaigns/<campaign_id>/edit/full", "campaign.save", max_bytes=_MAX_FORM_BYTES)
def save(campaign_id: str) -> Response:
    """Save the next version, or change the rows of the form."""
    return _save(
        Form.from_request(),
        approval.get_campaign_overview(get_request_context().app, get_request_context().actor, campaign_id),
    )


def _save(form: Form, overview: CampaignOverview | None) -> Response:
    action = form.get_text("do")
    if action and action not in ("save", "submit"):
        _change_rows(form, action)
        return _render_form(form, overview, changed_row=action)
    content.fill_seconds(form.values, editor_state.get_clip_kind)
    campaign_id = overview.row.id if overview else form.get_text("id")
    campaign, text, faults = campaign_drafts.examine_campaign_text(
        get_request_context().app, campaign_form.format_campaign_file(form.values, campaign_id)
    )
    form.faults += campaign_form.map_faults_to_fields(faults, form.values)
    if campaign is not None and not form.errors:
        with form.collect_faults():
            _save_version(form, campaign, text, overview)
    if form.errors:
        return _render_form(form, overview)
    return redirect_to_page(
        "campaigns.show", done="campaign-submitted" if action == "submit" else "campaign-saved", campaign_id=campaign_id
    )


def _save_version(form: Form, campaign: Campaign, text: str, overview: CampaignOverview | None) -> None:
    context = get_request_context()
    version = campaign_drafts.save_draft(
        context.app, context.actor, campaign, text, form.get_int("based_on") if overview else None
    )
    if form.get_text("do") == "submit":
        version_hash = campaign_queries.get_version(context.app, campaign.id, version).version_hash
        campaign_drafts.submit_draft(context.app, context.actor, campaign.id, version, version_hash)
    autosaves.delete_autosave(context.app, context.actor, content.parse_number(form.get_text("autosave")))


def _change_rows(form: Form, action: str) -> None:
    """Add, drop or move rows (``add-item``, ``drop-item-3``, ``up-placement-2``, ``add-texts``) without saving."""
    verb, _, target = action.partition("-")
    part, _, number = target.partition("-")
    if action == "add-texts":
        campaign_form.add_texts(
            form.values, [*form.get_list("pick"), *slogans.parse_slogan_list(form.get_raw_text("paste"))]
        )
        form.values.setlist("pick", [])
        form.values["paste"] = ""
    elif part in campaign_form.PARTS and verb == "add":
        campaign_form.add_row(form.values, part)
    elif part in campaign_form.PARTS and number.isdigit() and len(number) < 5:
        if verb == "drop":
            campaign_form.drop_row(form.values, part, int(number))
        elif verb in ("up", "down"):
            campaign_form.move_row(form.values, part, int(number), -1 if verb == "up" else 1)


def _render_form(form: Form, overview: CampaignOverview | None, changed_row: str = "") -> Response:
    context = get_request_context()
    clips = clip_library.list_clips(context.app, "", _MAX_CLIPS)
    overtaken = any(fault.code == "campaign-overtaken" for fault in form.faults)
    return render_page(
        "campaigns/edit.html",
        form.status if form.errors else 200,
        form=form,
        card=overview,
        at=changed_row,
        counts={part: campaign_form.count_rows(form.values, part) for part in campaign_form.PARTS},
        clips=[(clip.row.sha256, f"{clip.title} · {clip.row.facts.width}×{clip.row.facts.height}") for clip in clips],
        films=[clip.row.sha256 for clip in clips if clip.kind == "film"],
        library=slogans.list_slogans(context.app, None, 100),
        panels=list_panels_in_use(),
        words=screen_overviews.list_labels(context.app),
        theirs=_compare_versions(form, overview) if overtaken and overview else (),
    )


def _compare_versions(form: Form, overview: CampaignOverview) -> list[tuple[str, str]]:
    """Compare the saved version with the form, line by line: ``same``, ``theirs``, ``mine``."""
    own_lines = campaign_form.format_campaign_file(form.values, overview.row.id).splitlines()
    saved_lines = campaign_form.format_campaign_file(
        campaign_form.build_values(overview.campaign), overview.row.id
    ).splitlines()
    kinds = {"- ": "theirs", "+ ": "mine", "  ": "same"}
    return [(kinds[line[:2]], line[2:]) for line in difflib.ndiff(saved_lines, own_lines) if line[:2] in kinds]


@pages.get("/campaigns/<campaign_id>/rehearse", "campaign.view")
def simulate(campaign_id: str) -> Response:
    """Simulate the newest version before approval: shares, off-air periods, warnings."""
    context, form = get_request_context(), Form.from_query()
    overview = approval.get_campaign_overview(context.app, context.actor, campaign_id)
    campaign = overview.campaign
    begin, end = campaign.starts_at, campaign.ends_at
    requested = form.get_instant("from", campaign.zone), form.get_instant("until", campaign.zone)
    with form.collect_faults():
        begin, end = simulation.resolve_period(campaign, *requested)
    groups = [] if form.errors else _simulate_groups(campaign, begin, end)
    return render_page(
        "campaigns/rehearse.html",
        form.status if form.errors else 200,
        card=overview,
        campaign=campaign,
        form=form,
        begin=begin,
        end=end,
        groups=groups,
        findings=list_findings(campaign),
        cut=campaign.ends_at > end and not request.args.get("until"),
    )


def _simulate_groups(campaign: Campaign, begin: datetime, end: datetime) -> list[simulation.ForecastGroup]:
    context = get_request_context()
    return simulation.simulate_campaign(
        context.app,
        context.schedule_rules,
        context.library.create_forecast_resolver,
        campaign,
        begin,
        end,
    )
