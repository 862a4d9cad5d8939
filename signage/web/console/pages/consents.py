"""Consents between units: the list, requests to answer, and the forms to give and to ask."""

from dataclasses import dataclass

from flask import Response, request

from signage.model import permissions
from signage.model.consent import Consent
from signage.services.consents import consents
from signage.services.consents.consents import ConsentRow, ConsentTerms
from signage.services.screens import overview as screen_overviews
from signage.web.console.framework.formatting import render_page
from signage.web.console.framework.toolkit import N_, Form, PageGroup, get_request_context, redirect_to_page

pages = PageGroup("consents")
ROWS_PER_PAGE = 50
STATE_TEXTS = {
    "asked": (N_("waiting for an answer"), "busy"),
    "given": (N_("given"), "good"),
    "declined": (N_("declined"), "none"),
    "withdrawn": (N_("withdrawn"), "none"),
}


@dataclass(frozen=True, slots=True)
class UnitChoices:
    """The units that the reader may name as the owner of the screens, and as the one that uses them."""

    owners: tuple[str, ...]
    users: tuple[str, ...]


@pages.get("/consents", "consent.view")
def list_() -> Response:
    """List requests to answer, then all consents, the newest first."""
    context, cursor = get_request_context(), request.args.get("cursor", "")
    rows = consents.list_consents(context.app)
    ids = [row.id for row in rows]
    start = ids.index(cursor) + 1 if cursor in ids else 0
    page = rows[start : start + ROWS_PER_PAGE]
    return render_page(
        "consents/list.html",
        requests=consents.list_open_requests(context.app, context.actor),
        rows=page,
        endable={row.id for row in page if _may_end(row)},
        next_cursor=page[-1].id if len(rows) > start + ROWS_PER_PAGE else None,
        shown=start > 0,
        states=STATE_TEXTS,
    )


@pages.get("/consents/-/give", "consent.give")
def new() -> Response:
    """Show the form to give a consent."""
    return _render_form(Form(), "give")


@pages.post("/consents/-/give", "consent.give")
def give() -> Response:
    """Give a consent."""
    return _save("give")


@pages.get("/consents/-/ask", "consent.ask")
def new_request() -> Response:
    """Show the form to ask another unit for its consent."""
    return _render_form(Form(), "ask")


@pages.post("/consents/-/ask", "consent.ask")
def ask() -> Response:
    """Ask another unit for its consent."""
    return _save("ask")


@pages.get("/consents/<consent_id>", "consent.view")
def show(consent_id: str) -> Response:
    """Show a consent; an approver of its unit answers the request here."""
    row = consents.get_consent(get_request_context().app, consent_id)
    return _render_consent(row, Form(_list_terms(row.consent)))


@pages.post("/consents/<consent_id>/answer", "consent.give")
def answer(consent_id: str) -> Response:
    """Give the consent that was asked for, on the terms of the form."""
    context, form = get_request_context(), Form.from_request()
    row = consents.get_consent(context.app, consent_id)
    terms = _read_terms(form, row.consent.unit, row.consent.to, row.consent.screens)
    if not form.errors:
        with form.collect_faults():
            consents.answer_request(context.app, context.actor, consent_id, terms)
    if form.errors:
        return _render_consent(row, form)
    return redirect_to_page("consents.list", done="consent-given")


@pages.post("/consents/<consent_id>/withdraw", "consent.withdraw")
def withdraw(consent_id: str) -> Response:
    """Withdraw the consent, or decline the request."""
    context = get_request_context()
    row = consents.withdraw_consent(context.app, context.actor, consent_id)
    return redirect_to_page("consents.list", done=f"consent-{row.state}")


def _save(act: str) -> Response:
    context, form = get_request_context(), Form.from_request()
    form.require_fields("unit", "to", "screens")
    terms = _read_terms(form, form.get_text("unit"), form.get_text("to"), tuple(form.get_list("screens")))
    if not form.errors:
        with form.collect_faults():
            do = consents.give_consent if act == "give" else consents.ask_consent
            do(context.app, context.actor, terms)
    if form.errors:
        return _render_form(form, act)
    return redirect_to_page("consents.list", done="consent-given" if act == "give" else "consent-asked")


def _read_terms(form: Form, unit: str, to: str, screens: tuple[str, ...]) -> ConsentTerms:
    begin, end = form.get_text("hours_from"), form.get_text("hours_until")
    hours = f"{begin}-{end}" if begin or end else None
    caps = (form.get_int("max_share"), form.get_int("max_priority"))
    until = form.get_instant("until", get_request_context().zone)
    return ConsentTerms(unit, to, screens, form.get_optional_text("campaign"), hours, *caps, until)


def _list_terms(consent: Consent) -> dict[str, object]:
    """Return the limits of *consent* as the values of the form's fields."""
    until = consent.until and consent.until.astimezone(get_request_context().zone).replace(tzinfo=None)
    return {
        "hours_from": consent.hours and consent.hours.from_.isoformat("minutes"),
        "hours_until": consent.hours and consent.hours.until.isoformat("minutes"),
        "max_share": consent.max_share,
        "max_priority": consent.max_priority,
        "until": until and until.isoformat("minutes"),
    }


def _render_form(form: Form, act: str) -> Response:
    context = get_request_context()
    return render_page(
        "consents/edit.html",
        form.status if form.errors else 200,
        form=form,
        act=act,
        units=_list_choices(act),
        words=screen_overviews.list_labels(context.app),
    )


def _render_consent(row: ConsentRow, form: Form) -> Response:
    context = get_request_context()
    may_answer = (
        row.state == "asked"
        and context.is_allowed("consent.give")
        and permissions.may_manage_unit(context.actor, row.consent.unit)
    )
    return render_page(
        "consents/show.html",
        form.status if form.errors else 200,
        row=row,
        form=form,
        may_answer=may_answer and row.asked_by != context.actor.id,
        may_end=_may_end(row),
        states=STATE_TEXTS,
    )


def _list_choices(act: str) -> UnitChoices:
    context = get_request_context()
    own = context.actor.unit
    owners = tuple(screen_overviews.list_labels(context.app)["unit"])
    known = consents.list_units(context.app)
    if own is None:
        return UnitChoices(owners, known)
    if act == "give":
        return UnitChoices((own,), tuple(unit for unit in known if unit != own))
    return UnitChoices(tuple(unit for unit in owners if unit != own), (own,))


def _may_end(row: ConsentRow) -> bool:
    context = get_request_context()
    if row.state not in ("asked", "given") or not context.is_allowed("consent.withdraw"):
        return False
    is_owner = context.is_allowed("consent.give") and permissions.may_manage_unit(context.actor, row.consent.unit)
    return is_owner or permissions.may_manage_unit(context.actor, row.consent.to)
