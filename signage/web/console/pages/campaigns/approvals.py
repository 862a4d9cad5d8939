"""Approvals: the desk, one submission to look at item by item, the verdict; the list of commercial wording."""

from typing import Any

import msgspec
from flask import Response, request

from signage.model.campaign import Campaign
from signage.services.campaigns import approval as acts
from signage.services.campaigns import board as desk
from signage.services.campaigns import queries as campaign_lists
from signage.services.campaigns import review_findings as reviewing
from signage.services.campaigns import versions as campaign_acts
from signage.services.campaigns.approval import Card, Statement
from signage.services.campaigns.content_seal import seal, shows
from signage.services.users import confirmation as confirming
from signage.web.console.framework.formatting import render
from signage.web.console.framework.toolkit import Form, Pages, go, here
from signage.web.console.pages.campaigns.campaigns import ROWS, cursor, findings
from signage.web.console.pages.library import item_previews as showing_item

pages = Pages("approvals")
COLUMNS = ("review", "returned", "approved", "live")
LANE = 12


@pages.get("/approvals", "approval.view")
def list_() -> Response:
    """The desk: in review, returned, approved, live, the beginning of each; one of them in full, by pages."""
    now, one = here(), request.args.get("column", "")
    found = desk.longest_waiting(desk.lines(now.office))
    shown = [column for column in COLUMNS if one not in COLUMNS or column == one]
    rows, start = (ROWS, cursor()) if len(shown) == 1 else (LANE, 0)
    lanes = {column: [line for line in found if line.column == column] for column in shown}
    return render(
        "approvals/list.html",
        lanes={c: desk.cards(now.office, now.actor, lines[start : start + rows]) for c, lines in lanes.items()},
        counts={column: len(lines) for column, lines in lanes.items()},
        next_cursor=start + rows if len(shown) == 1 and len(lanes[one]) > start + rows else None,
        shown=start > 0,
        only=one if one in COLUMNS else "",
        me=now.actor.id,
        in_hands=confirming.let_in_by(now.office, now.actor.id) if now.may("campaign.approve") else (),
        to_confirm=confirming.waiting_for(now.office, now.actor, "approver"),
    )


@pages.get("/approvals/<campaign_id>", "approval.view")
def show(campaign_id: str) -> Response:
    """A submission with all that it shows."""
    return _page(acts.card(here().office, here().actor, campaign_id), Form())


@pages.post("/approvals/<campaign_id>/<int:number>/looked", "campaign.approve")
def looked(campaign_id: str, number: int) -> Response:
    """The reader looked at items; answers what is still to look at."""
    now, form = here(), Form.read()
    left = acts.look(now.office, now.actor, campaign_id, number, form.many("item"))
    response = Response(msgspec.json.encode({"left": left}), content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


@pages.post("/approvals/<campaign_id>/approve", "campaign.approve")
def approve(campaign_id: str) -> Response:
    """Approve exactly what was shown."""
    now, form = here(), Form.read()
    number, live = form.whole("version") or 0, False
    statement = Statement(form.text("seal"), form.flag("public_service"))
    with form.catching():
        live = acts.approve(now.office, now.actor, campaign_id, number, form.text("meaning"), statement)
    if form.errors:
        return _page(acts.card(now.office, now.actor, campaign_id), form)
    return go("approvals.list", done="approved-live" if live else "approved-one")


@pages.post("/approvals/<campaign_id>/return", "campaign.return")
def send_back(campaign_id: str) -> Response:
    """Return it, with a note."""
    now, form = here(), Form.read()
    with form.catching():
        number = form.whole("version") or 0
        campaign_acts.send_back(now.office, now.actor, campaign_id, number, form.text("meaning"), form.text("note"))
    if form.errors:
        return _page(acts.card(now.office, now.actor, campaign_id), form)
    return go("approvals.list", done="returned")


@pages.get("/approvals/-/wording", "approval.view")
def wording() -> Response:
    """The list of commercial wording."""
    return render("approvals/wording.html", form=Form({"words": "\n".join(reviewing.words(here().office))}))


@pages.post("/approvals/-/wording", "wording.set")
def set_wording() -> Response:
    """Keep another list."""
    form = Form.read()
    with form.catching():
        reviewing.set_words(here().office, here().actor, form.lines("words"))
    return (
        render("approvals/wording.html", form.status, form=form)
        if form.errors
        else go("approvals.wording", done="words-saved")
    )


def _page(card: Card, form: Form) -> Response:
    now = here()
    campaign, number = card.campaign, card.version.version
    known = acts.open_version(now.office, now.actor, card.kept.id, number) if card.column == "review" else {}
    judges = now.may("campaign.approve") and card.column == "review"
    judges_others = judges and not card.mine and now.actor.id not in card.approvers
    doubt = campaign_acts.doubt(now.office, now.actor, card.kept.id, number) if judges_others else None
    items = showing_item.items_of(campaign, campaign_lists.panels_of(now.office, campaign))
    facts: dict[str, Any] = {
        "seen": set(known) - {acts.OPENED},
        "left": len(acts.unseen(campaign, known)),
        "judges": judges_others and doubt is None,
        "doubt": doubt,
        "own_work": judges and card.mine,
        "done_already": judges and now.actor.id in card.approvers,
        "changes": _changes(card),
        "shows": {one.item: one.sha256 for one in shows(campaign)},
        "seal": seal(campaign),
    }
    return render(
        "approvals/show.html",
        form.status if form.errors else 200,
        card=card,
        campaign=campaign,
        form=form,
        items=items,
        findings=findings(campaign),
        **facts,
    )


def _changes(card: Card) -> dict[str, str]:
    """Item → ``new`` or ``changed``, beside the version that may show now; ``gone`` items too."""
    if card.kept.approved is None or card.kept.approved == card.version.version:
        return {}
    before = _sums(campaign_lists.version(here().office, card.kept.id, card.kept.approved).campaign)
    now = _sums(card.campaign)
    found = {name: "new" if name not in before else "changed" for name in now if before.get(name) != now[name]}
    return found | {name: "gone" for name in before if name not in now}


def _sums(campaign: Campaign) -> dict[str, str]:
    return {one.item: one.sha256 for one in shows(campaign)}
