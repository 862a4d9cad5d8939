"""Approvals: the review board, one submission with its items, the decision; the list of commercial wording."""

from typing import Any

from flask import Response, request

from signage.model.campaign import Campaign
from signage.services.campaigns import approval, approval_rules, board, commercial_words
from signage.services.campaigns import queries as campaign_queries
from signage.services.campaigns.approval import CampaignOverview, Statement
from signage.services.campaigns.content_seal import compute_content_seal, compute_item_hashes
from signage.services.consents import consents
from signage.services.users import confirmation
from signage.web.console.framework.formatting import render_page
from signage.web.console.framework.toolkit import Form, PageGroup, get_request_context, redirect_to_page
from signage.web.console.pages.campaigns.campaigns import ROWS_PER_PAGE, list_findings, parse_cursor
from signage.web.console.pages.library import item_previews
from signage.web.request_context import respond_json

pages = PageGroup("approvals")
STAGES = ("review", "returned", "approved", "live")
ITEMS_PER_STAGE = 12


@pages.get("/approvals", "approval.view")
def list_() -> Response:
    """Show the review board: the first items of each stage, or one stage in pages."""
    context, stage = get_request_context(), request.args.get("column", "")
    entries = board.sort_by_waiting_time(board.list_campaigns(context.app))
    stages = [stage_name for stage_name in STAGES if stage not in STAGES or stage_name == stage]
    rows, start = (ROWS_PER_PAGE, parse_cursor()) if len(stages) == 1 else (ITEMS_PER_STAGE, 0)
    lanes = {stage_name: [line for line in entries if line.stage == stage_name] for stage_name in stages}
    return render_page(
        "approvals/list.html",
        lanes={
            c: board.list_campaign_overviews(context.app, context.actor, lines[start : start + rows])
            for c, lines in lanes.items()
        },
        counts={stage_name: len(lines) for stage_name, lines in lanes.items()},
        next_cursor=start + rows if len(stages) == 1 and len(lanes[stage]) > start + rows else None,
        shown=start > 0,
        only=stage if stage in STAGES else "",
        me=context.actor.id,
        asked=len(consents.list_open_requests(context.app, context.actor)),
        in_hands=confirmation.list_controllers(context.app, context.actor.id)
        if context.is_allowed("campaign.approve")
        else (),
        to_confirm=confirmation.list_pending_confirmations(context.app, context.actor, "approver"),
    )


@pages.get("/approvals/<campaign_id>", "approval.view")
def show(campaign_id: str) -> Response:
    """Show a submission with its content."""
    return _render_submission(
        approval.get_campaign_overview(get_request_context().app, get_request_context().actor, campaign_id), Form()
    )


@pages.post("/approvals/<campaign_id>/<int:number>/looked", "campaign.approve")
def record_views(campaign_id: str, number: int) -> Response:
    """Record that the approver viewed items; answers the items not viewed yet."""
    context, form = get_request_context(), Form.from_request()
    unviewed = approval.record_views(context.app, context.actor, campaign_id, number, form.get_list("item"))
    return respond_json({"left": unviewed})


@pages.post("/approvals/<campaign_id>/approve", "campaign.approve")
def approve(campaign_id: str) -> Response:
    """Approve exactly the version and content that the page showed."""
    context, form = get_request_context(), Form.from_request()
    number, live = form.get_int("version") or 0, False
    statement = Statement(form.get_text("seal"), form.is_checked("public_service"))
    with form.collect_faults():
        live = approval.approve(context.app, context.actor, campaign_id, number, form.get_text("meaning"), statement)
    if form.errors:
        return _render_submission(approval.get_campaign_overview(context.app, context.actor, campaign_id), form)
    return redirect_to_page("approvals.list", done="approved-live" if live else "approved-one")


@pages.post("/approvals/<campaign_id>/return", "campaign.return")
def send_back(campaign_id: str) -> Response:
    """Return the version with a note."""
    context, form = get_request_context(), Form.from_request()
    with form.collect_faults():
        number = form.get_int("version") or 0
        approval_rules.return_version(
            context.app, context.actor, campaign_id, number, form.get_text("meaning"), form.get_text("note")
        )
    if form.errors:
        return _render_submission(approval.get_campaign_overview(context.app, context.actor, campaign_id), form)
    return redirect_to_page("approvals.list", done="returned")


@pages.get("/approvals/-/wording", "approval.view")
def show_wording() -> Response:
    """Show the list of commercial wording."""
    return render_page(
        "approvals/wording.html",
        form=Form({"words": "\n".join(commercial_words.list_commercial_words(get_request_context().app))}),
    )


@pages.post("/approvals/-/wording", "wording.set")
def set_wording() -> Response:
    """Save the list of commercial wording."""
    form = Form.from_request()
    with form.collect_faults():
        commercial_words.set_commercial_words(
            get_request_context().app, get_request_context().actor, form.get_lines("words")
        )
    return (
        render_page("approvals/wording.html", form.status, form=form)
        if form.errors
        else redirect_to_page("approvals.show_wording", done="words-saved")
    )


def _render_submission(overview: CampaignOverview, form: Form) -> Response:
    context, campaign = get_request_context(), overview.campaign
    return render_page(
        "approvals/show.html",
        form.status if form.errors else 200,
        card=overview,
        campaign=campaign,
        form=form,
        items=item_previews.build_item_views(campaign, campaign_queries.get_panel_coverage(context.app, campaign)),
        findings=list_findings(campaign),
        changes=_find_changes(overview),
        shows=_hash_items(campaign),
        seal=compute_content_seal(campaign),
        **_build_review_state(overview),
    )


def _build_review_state(overview: CampaignOverview) -> dict[str, Any]:
    """Return what the reader has viewed, and whether they may approve."""
    context, version = get_request_context(), overview.version.version
    is_in_review = overview.stage == "review"
    has_approved = context.actor.id in overview.approvers
    viewed = approval.open_version(context.app, context.actor, overview.row.id, version) if is_in_review else {}
    is_approver = context.is_allowed("campaign.approve") and is_in_review
    conflict = None
    if is_approver and not overview.is_own_work and not has_approved:
        conflict = approval_rules.find_approval_conflict(context.app, context.actor, overview.row.id, version)
    return {
        "seen": set(viewed) - {approval.VERSION_OPENED},
        "left": len(approval.list_unviewed_items(overview.campaign, viewed)),
        "judges": is_approver and not overview.is_own_work and not has_approved and conflict is None,
        "doubt": conflict,
        "own_work": is_approver and overview.is_own_work,
        "done_already": is_approver and has_approved,
    }


def _find_changes(overview: CampaignOverview) -> dict[str, str]:
    """Compare with the version that may show now: item → ``new``, ``changed`` or ``gone``."""
    if overview.row.approved_version is None or overview.row.approved_version == overview.version.version:
        return {}
    before = _hash_items(
        campaign_queries.get_version(get_request_context().app, overview.row.id, overview.row.approved_version).campaign
    )
    now = _hash_items(overview.campaign)
    changes = {name: "new" if name not in before else "changed" for name in now if before.get(name) != now[name]}
    return changes | {name: "gone" for name in before if name not in now}


def _hash_items(campaign: Campaign) -> dict[str, str]:
    return {item_hash.item: item_hash.sha256 for item_hash in compute_item_hashes(campaign)}
