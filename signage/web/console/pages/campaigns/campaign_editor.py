"""Campaigns as forms: the whole of the campaign file, row by row; and the rehearsal of a version."""

import difflib
from datetime import datetime, timedelta

from flask import Response, request

from signage.model.campaign import Campaign
from signage.services.campaigns import approval as approvals
from signage.services.campaigns import drafts as campaign_drafts
from signage.services.campaigns import queries as campaign_lists
from signage.services.campaigns import simulation as rehearsing
from signage.services.campaigns.approval import CampaignOverview
from signage.services.library import clips as clip_library
from signage.services.library import slogans
from signage.services.screens import overview as wall
from signage.web.console.framework.formatting import render_page
from signage.web.console.framework.toolkit import Form, PageGroup, get_request_context, redirect_to_page
from signage.web.console.pages.campaigns import campaign_form as rows
from signage.web.console.pages.campaigns.campaigns import list_findings
from signage.web.console.pages.library.slogans import list_panels_in_use

pages = PageGroup("editing")
_MAX_FORM_BYTES = 4 << 20
_MAX_CLIPS = 200


@pages.get("/campaigns/-/new", "campaign.save")
def new() -> Response:
    """The form with what a campaign begins with."""
    now = get_request_context()
    today = now.app.clock.now().astimezone(now.zone).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    form = Form()
    begin = today + timedelta(days=1)
    form.values = rows.build_new_values(now.app.timezone, now.user.unit, begin, begin + timedelta(days=7))
    return _render_form(form, None)


@pages.post("/campaigns/-/new", "campaign.save", max_bytes=_MAX_FORM_BYTES)
def add() -> Response:
    """Keep it as a draft, or change the form's rows."""
    return _save(Form.from_request(), None)


@pages.get("/campaigns/<campaign_id>/edit", "campaign.save")
def edit(campaign_id: str) -> Response:
    """The form with what the newest version says."""
    card = approvals.get_campaign_overview(get_request_context().app, get_request_context().actor, campaign_id)
    form = Form()
    form.values = rows.build_values(card.campaign)
    form.values["based_on"] = str(card.version.version)
    return _render_form(form, card)


@pages.post("/campaigns/<campaign_id>/edit", "campaign.save", max_bytes=_MAX_FORM_BYTES)
def save(campaign_id: str) -> Response:
    """Keep it as the next version, or change the form's rows."""
    return _save(
        Form.from_request(),
        approvals.get_campaign_overview(get_request_context().app, get_request_context().actor, campaign_id),
    )


def _save(form: Form, card: CampaignOverview | None) -> Response:
    do = form.get_text("do")
    if do and do not in ("save", "submit"):
        _change_rows(form, do)
        return _render_form(form, card, at=do)
    campaign_id = card.row.id if card else form.get_text("id")
    campaign, text, faults = campaign_drafts.examine_campaign_text(
        get_request_context().app, rows.format_campaign_file(form.values, campaign_id)
    )
    form.faults += rows.map_faults_to_fields(faults, form.values)
    if campaign is not None and not form.errors:
        with form.collect_faults():
            _save_version(form, campaign, text, card)
    if form.errors:
        return _render_form(form, card)
    return redirect_to_page(
        "campaigns.show", done="campaign-submitted" if do == "submit" else "campaign-saved", campaign_id=campaign_id
    )


def _save_version(form: Form, campaign: Campaign, text: str, card: CampaignOverview | None) -> None:
    now = get_request_context()
    number = campaign_drafts.save_draft(now.app, now.actor, campaign, text, form.get_int("based_on") if card else None)
    if form.get_text("do") == "submit":
        meaning = campaign_lists.get_version(now.app, campaign.id, number).version_hash
        campaign_drafts.submit_draft(now.app, now.actor, campaign.id, number, meaning)


def _change_rows(form: Form, do: str) -> None:
    """``add-item``, ``drop-item-3``, ``up-placement-2``, ``add-texts``: rows come, go and move; nothing is kept."""
    verb, _, rest = do.partition("-")
    part, _, number = rest.partition("-")
    if do == "add-texts":
        rows.add_texts(form.values, [*form.get_list("pick"), *slogans.parse_slogan_list(form.get_raw_text("paste"))])
        form.values.setlist("pick", [])
        form.values["paste"] = ""
    elif part in rows.PARTS and verb == "add":
        rows.add_row(form.values, part)
    elif part in rows.PARTS and number.isdigit() and len(number) < 5:
        if verb == "drop":
            rows.drop_row(form.values, part, int(number))
        elif verb in ("up", "down"):
            rows.move_row(form.values, part, int(number), -1 if verb == "up" else 1)


def _render_form(form: Form, card: CampaignOverview | None, at: str = "") -> Response:
    now = get_request_context()
    clips = clip_library.list_clips(now.app, "", _MAX_CLIPS)
    overtaken = any(fault.code == "campaign-overtaken" for fault in form.faults)
    return render_page(
        "campaigns/edit.html",
        form.status if form.errors else 200,
        form=form,
        card=card,
        at=at,
        counts={part: rows.count_rows(form.values, part) for part in rows.PARTS},
        clips=[(one.row.sha256, f"{one.title} · {one.row.facts.width}×{one.row.facts.height}") for one in clips],
        library=slogans.list_slogans(now.app, None, 100),
        panels=list_panels_in_use(),
        words=wall.list_labels(now.app),
        theirs=_compare_versions(form, card) if overtaken and card else (),
    )


def _compare_versions(form: Form, card: CampaignOverview) -> list[tuple[str, str]]:
    """Theirs against mine, line by line: ``same``, ``theirs``, ``mine``."""
    mine = rows.format_campaign_file(form.values, card.row.id).splitlines()
    theirs = rows.format_campaign_file(rows.build_values(card.campaign), card.row.id).splitlines()
    kinds = {"- ": "theirs", "+ ": "mine", "  ": "same"}
    return [(kinds[line[:2]], line[2:]) for line in difflib.ndiff(theirs, mine) if line[:2] in kinds]


@pages.get("/campaigns/<campaign_id>/rehearse", "campaign.view")
def simulate(campaign_id: str) -> Response:
    """The newest version on paper: shares, silences, warnings; before anyone approves it."""
    now, form = get_request_context(), Form.from_query()
    card = approvals.get_campaign_overview(now.app, now.actor, campaign_id)
    campaign = card.campaign
    begin, end = campaign.starts_at, campaign.ends_at
    asked = form.get_instant("from", campaign.zone), form.get_instant("until", campaign.zone)
    with form.collect_faults():
        begin, end = rehearsing.resolve_period(campaign, *asked)
    groups = [] if form.errors else _simulate_groups(campaign, begin, end)
    return render_page(
        "campaigns/rehearse.html",
        form.status if form.errors else 200,
        card=card,
        campaign=campaign,
        form=form,
        begin=begin,
        end=end,
        groups=groups,
        findings=list_findings(campaign),
        cut=campaign.ends_at > end and not request.args.get("until"),
    )


def _simulate_groups(campaign: Campaign, begin: datetime, end: datetime) -> list[rehearsing.ForecastGroup]:
    now = get_request_context()
    return rehearsing.simulate_campaign(
        now.app,
        now.schedule_rules,
        now.library.create_forecast_resolver,
        campaign,
        begin,
        end,
    )
