"""Campaigns: the list, one with its timeline and versions, and what can be done with it."""

from datetime import date

from flask import Response, request

from signage.faults import Fault
from signage.model.campaign import Campaign
from signage.model.campaign_file.write import write
from signage.model.ids import is_id
from signage.services.campaigns import approval as approvals
from signage.services.campaigns import board as desk
from signage.services.campaigns import drafts as campaign_drafts
from signage.services.campaigns import folder_watch as folder
from signage.services.campaigns import queries as campaign_lists
from signage.services.campaigns import review_findings as reviewing
from signage.services.campaigns import versions as acts
from signage.services.campaigns.simulation import surroundings
from signage.web.console.framework.formatting import render
from signage.web.console.framework.toolkit import Form, Pages, go, here
from signage.web.console.pages.campaigns.campaign_calendar import timeline
from signage.web.console.pages.library import item_previews as showing_item

pages = Pages("campaigns")
ROWS = 50
_FILE_BYTES = 4 << 20


@pages.get("/campaigns", "campaign.view")
def list_() -> Response:
    """All campaigns, those that go on first; the archive by a switch."""
    now, start = here(), cursor()
    search, archive = request.args.get("search", "").strip(), bool(request.args.get("archive"))
    lines = [line for line in desk.lines(now.office) if (line.column == "ended") == archive]
    if search:
        lines = [line for line in lines if search.casefold() in f"{line.id} {line.head.title}".casefold()]
    lines.sort(key=lambda line: (line.head.starts_at, line.id), reverse=True)
    return render(
        "campaigns/list.html",
        cards=desk.cards(now.office, now.actor, lines[start : start + ROWS]),
        next_cursor=start + ROWS if len(lines) > start + ROWS else None,
        shown=start > 0,
        search=search,
        archive=archive,
        faults=[fault for fault in folder.faults(now.office) if fault.level == "error"],
    )


def cursor() -> int:
    """At which row of a list the page begins."""
    told = request.args.get("cursor", "")
    return int(told) if told.isascii() and told.isdigit() and len(told) < 9 else 0


@pages.get("/campaigns/<campaign_id>", "campaign.view")
def show(campaign_id: str) -> Response:
    """One campaign."""
    now = here()
    card = approvals.card(now.office, now.actor, campaign_id)
    kept, versions = campaign_lists.get(now.office, campaign_id)
    number = request.args.get("version", "")
    shown = next((t.version for t in versions if str(t.version.version) == number), card.version)
    on = campaign_lists.panels_of(now.office, shown.campaign)
    return render(
        "campaigns/show.html",
        card=card,
        kept=kept,
        versions=versions,
        shown=shown,
        campaign=shown.campaign,
        line=timeline(shown.campaign, now.rules.calendars, _day("day")),
        panels=on.screens,
        items=showing_item.items_of(shown.campaign, on),
        findings=findings(shown.campaign),
    )


def findings(campaign: Campaign) -> tuple[Fault, ...]:
    """What is to be said of a campaign before it is judged."""
    now = here()
    return reviewing.findings(now.office, campaign, surroundings(now.office, now.rules, campaign))


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None


@pages.get("/campaigns/<campaign_id>/file", "campaign.view")
def download(campaign_id: str) -> Response:
    """The campaign as a file: as it was written, or as the console would write it."""
    now = here()
    card = approvals.card(now.office, now.actor, campaign_id)
    text = card.version.text if request.args.get("as") != "console" else write(card.campaign)
    response = Response(text, content_type="application/toml; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{campaign_id}.toml"'
    return response


@pages.get("/campaigns/<campaign_id>/copy", "campaign.save")
def copy(campaign_id: str) -> Response:
    """The form for a copy."""
    card = approvals.card(here().office, here().actor, campaign_id)
    stem = f"{campaign_id[:58]}-copy"
    return render("campaigns/copy.html", card=card, form=Form({"id": stem, "title": card.campaign.title}))


@pages.post("/campaigns/<campaign_id>/copy", "campaign.save")
def duplicate(campaign_id: str) -> Response:
    """Make the copy: a draft."""
    now, form = here(), Form.read()
    card = approvals.card(now.office, now.actor, campaign_id)
    _check_id(form)
    if not form.errors:
        with form.catching():
            campaign_drafts.copy(now.office, now.actor, campaign_id, form.text("id"), form.optional("title"))
    if form.errors:
        return render("campaigns/copy.html", form.status, card=card, form=form)
    return go("editing.edit", campaign_id=form.text("id"))


def _check_id(form: Form) -> None:
    if not is_id(form.text("id")):
        form.fault("id-malformed" if form.text("id") else "form-needed", "id", id=form.text("id")[:60])


@pages.get("/campaigns/-/import", "campaign.save")
def bring() -> Response:
    """The form for a campaign file."""
    return render("campaigns/import.html", form=Form())


@pages.post("/campaigns/-/import", "campaign.save", limit=_FILE_BYTES)
def take() -> Response:
    """Keep a campaign file as a draft."""
    now, form = here(), Form.read()
    file = request.files.get("file")
    campaign: Campaign | None = None
    if file is None or not file.filename:
        form.fault("form-needed", "file")
    else:
        campaign, text, faults = campaign_drafts.examine_text(now.office, file.read())
        form.faults += [fault for fault in faults if fault.level == "error"]
        if campaign is not None:
            with form.catching():
                campaign_drafts.save(now.office, now.actor, campaign, text, None)
    if form.errors or campaign is None:
        return render("campaigns/import.html", form.status, form=form)
    return go("campaigns.show", done="campaign-saved", campaign_id=campaign.id)


@pages.post("/campaigns/<campaign_id>/submit", "campaign.submit")
def submit(campaign_id: str) -> Response:
    """Submit the newest version as it was shown."""
    form = Form.read()
    number = form.whole("version") or 0
    campaign_drafts.submit_saved(here().office, here().actor, campaign_id, number, form.text("meaning"))
    return go("campaigns.show", done="campaign-submitted", campaign_id=campaign_id)


@pages.post("/campaigns/<campaign_id>/withdraw", "campaign.withdraw")
def withdraw(campaign_id: str) -> Response:
    """Take the submission back."""
    campaign_drafts.withdraw(here().office, here().actor, campaign_id)
    return go("campaigns.show", done="campaign-withdrawn", campaign_id=campaign_id)


@pages.post("/campaigns/<campaign_id>/end", "campaign.end")
def end(campaign_id: str) -> Response:
    """Archive it."""
    acts.end(here().office, here().actor, campaign_id, Form.read().text("why"))
    return go("campaigns.show", done="campaign-ended", campaign_id=campaign_id)


@pages.post("/campaigns/<campaign_id>/restore", "campaign.restore")
def restore(campaign_id: str) -> Response:
    """Take it out of the archive, as a draft."""
    campaign_drafts.take_up(here().office, here().actor, campaign_id)
    return go("campaigns.show", done="campaign-taken-up", campaign_id=campaign_id)
