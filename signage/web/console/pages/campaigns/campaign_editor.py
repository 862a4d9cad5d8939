"""Campaigns as forms: the whole of the campaign file, row by row; and the rehearsal of a version."""

import difflib
from datetime import datetime, timedelta

from flask import Response, request

from signage.library.paper import OnPaper
from signage.model.campaign import Campaign
from signage.services.campaigns import approval as approvals
from signage.services.campaigns import drafts as campaign_drafts
from signage.services.campaigns import queries as campaign_lists
from signage.services.campaigns import simulation as rehearsing
from signage.services.campaigns.approval import Card
from signage.services.library import clips as clip_library
from signage.services.library import slogans
from signage.services.screens import overview as wall
from signage.web.console.framework.formatting import render
from signage.web.console.framework.toolkit import Form, Pages, go, here
from signage.web.console.pages.campaigns import campaign_form as rows
from signage.web.console.pages.campaigns.campaigns import findings
from signage.web.console.pages.library.slogans import panels_in_use

pages = Pages("editing")
_FORM_BYTES = 4 << 20
_MOST_CLIPS = 200


@pages.get("/campaigns/-/new", "campaign.save")
def new() -> Response:
    """The form with what a campaign begins with."""
    now = here()
    today = now.office.clock.now().astimezone(now.zone).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    form = Form()
    begin = today + timedelta(days=1)
    form.values = rows.fresh(now.office.timezone, now.person.unit, begin, begin + timedelta(days=7))
    return _page(form, None)


@pages.post("/campaigns/-/new", "campaign.save", limit=_FORM_BYTES)
def add() -> Response:
    """Keep it as a draft, or change the form's rows."""
    return _save(Form.read(), None)


@pages.get("/campaigns/<campaign_id>/edit", "campaign.save")
def edit(campaign_id: str) -> Response:
    """The form with what the newest version says."""
    card = approvals.card(here().office, here().actor, campaign_id)
    form = Form()
    form.values = rows.values_of(card.campaign)
    form.values["based_on"] = str(card.version.version)
    return _page(form, card)


@pages.post("/campaigns/<campaign_id>/edit", "campaign.save", limit=_FORM_BYTES)
def save(campaign_id: str) -> Response:
    """Keep it as the next version, or change the form's rows."""
    return _save(Form.read(), approvals.card(here().office, here().actor, campaign_id))


def _save(form: Form, card: Card | None) -> Response:
    do = form.text("do")
    if do and do not in ("save", "submit"):
        _change_rows(form, do)
        return _page(form, card, at=do)
    campaign_id = card.kept.id if card else form.text("id")
    campaign, text, faults = campaign_drafts.examine_text(here().office, rows.text_of(form.values, campaign_id))
    form.faults += rows.at_fields(faults, form.values)
    if campaign is not None and not form.errors:
        with form.catching():
            _keep(form, campaign, text, card)
    if form.errors:
        return _page(form, card)
    return go(
        "campaigns.show", done="campaign-submitted" if do == "submit" else "campaign-saved", campaign_id=campaign_id
    )


def _keep(form: Form, campaign: Campaign, text: str, card: Card | None) -> None:
    now = here()
    number = campaign_drafts.save(now.office, now.actor, campaign, text, form.whole("based_on") if card else None)
    if form.text("do") == "submit":
        meaning = campaign_lists.version(now.office, campaign.id, number).meaning
        campaign_drafts.submit_saved(now.office, now.actor, campaign.id, number, meaning)


def _change_rows(form: Form, do: str) -> None:
    """``add-item``, ``drop-item-3``, ``up-placement-2``, ``add-texts``: rows come, go and move; nothing is kept."""
    verb, _, rest = do.partition("-")
    part, _, number = rest.partition("-")
    if do == "add-texts":
        rows.add_texts(form.values, [*form.many("pick"), *slogans.of_list(form.raw("paste"))])
        form.values.setlist("pick", [])
        form.values["paste"] = ""
    elif part in rows.PARTS and verb == "add":
        rows.add_row(form.values, part)
    elif part in rows.PARTS and number.isdigit() and len(number) < 5:
        if verb == "drop":
            rows.drop_row(form.values, part, int(number))
        elif verb in ("up", "down"):
            rows.move_row(form.values, part, int(number), -1 if verb == "up" else 1)


def _page(form: Form, card: Card | None, at: str = "") -> Response:
    now = here()
    clips = clip_library.page(now.office, "", _MOST_CLIPS)
    overtaken = any(fault.code == "campaign-overtaken" for fault in form.faults)
    return render(
        "campaigns/edit.html",
        form.status if form.errors else 200,
        form=form,
        card=card,
        at=at,
        counts={part: rows.count(form.values, part) for part in rows.PARTS},
        clips=[
            (one.kept.sha256, f"{one.title} · {one.kept.facts.get('width')}×{one.kept.facts.get('height')}")
            for one in clips
        ],
        library=slogans.page(now.office, None, 100),
        panels=panels_in_use(),
        words=wall.words(now.office),
        theirs=_compared(form, card) if overtaken and card else (),
    )


def _compared(form: Form, card: Card) -> list[tuple[str, str]]:
    """Theirs against mine, line by line: ``same``, ``theirs``, ``mine``."""
    mine = rows.text_of(form.values, card.kept.id).splitlines()
    theirs = rows.text_of(rows.values_of(card.campaign), card.kept.id).splitlines()
    kinds = {"- ": "theirs", "+ ": "mine", "  ": "same"}
    return [(kinds[line[:2]], line[2:]) for line in difflib.ndiff(theirs, mine) if line[:2] in kinds]


@pages.get("/campaigns/<campaign_id>/rehearse", "campaign.view")
def rehearse(campaign_id: str) -> Response:
    """The newest version on paper: shares, silences, warnings; before anyone approves it."""
    now, form = here(), Form.query()
    card = approvals.card(now.office, now.actor, campaign_id)
    campaign = card.campaign
    begin, end = campaign.starts_at, campaign.ends_at
    asked = form.moment("from", campaign.zone), form.moment("until", campaign.zone)
    with form.catching():
        begin, end = rehearsing.period(campaign, *asked)
    groups = [] if form.errors else _rehearsed(campaign, begin, end)
    return render(
        "campaigns/rehearse.html",
        form.status if form.errors else 200,
        card=card,
        campaign=campaign,
        form=form,
        begin=begin,
        end=end,
        groups=groups,
        findings=findings(campaign),
        cut=campaign.ends_at > end and not request.args.get("until"),
    )


def _rehearsed(campaign: Campaign, begin: datetime, end: datetime) -> list[rehearsing.Group]:
    now = here()
    catalogue = now.library.catalogue
    return rehearsing.rehearse(
        now.office, now.rules, lambda installation: OnPaper(catalogue, installation), campaign, begin, end
    )
