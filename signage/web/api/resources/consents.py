"""Consents: asked for and given between units, withdrawn, listed."""

from datetime import datetime
from typing import Any

from msgspec import UNSET, Struct, UnsetType

from signage.model import permissions
from signage.services.consents import consents
from signage.services.consents.consents import ConsentRow, ConsentTerms
from signage.web.api.framework.operations import ApiRequest, ApiResource, PageOut, PageQuery, build_page

api = ApiResource("consents")


class ConsentOut(Struct, frozen=True, kw_only=True):
    """*unit* permits campaigns of *to* on its screens. *state*: asked, given, declined or withdrawn.

    *campaign*: this one alone; null: all of *to*. *hours*: only then, by the clock at the screen.
    """

    id: str
    state: str
    unit: str
    to: str
    screens: tuple[str, ...]
    campaign: str | None
    hours: str | None
    max_share: int | None
    max_priority: int | None
    until: datetime | None
    asked_by: str | None
    asked_at: datetime | None
    given_by: str | None
    given_at: datetime | None
    ended_by: str | None
    ended_at: datetime | None


class ConsentIn(Struct, frozen=True, kw_only=True):
    """A consent to give or to ask for. *ask*: true asks; without it, it is given where the caller may give it."""

    unit: str
    to: str
    screens: tuple[str, ...]
    campaign: str | None = None
    hours: str | None = None
    max_share: int | None = None
    max_priority: int | None = None
    until: str | None = None
    ask: bool | None = None


class ConsentTermsIn(Struct, frozen=True, kw_only=True):
    """The terms on which a request is granted; what is left out stays as it was asked for."""

    screens: tuple[str, ...] | UnsetType = UNSET
    hours: str | UnsetType | None = UNSET
    max_share: int | UnsetType | None = UNSET
    max_priority: int | UnsetType | None = UNSET
    until: str | UnsetType | None = UNSET


class ConsentQuery(PageQuery, frozen=True, kw_only=True):
    """*state*: asked, given, declined or withdrawn; *unit*: given by or to this unit."""

    state: str = ""
    unit: str = ""


@api.get("/consents", "consent.view", query=ConsentQuery, answer=PageOut[ConsentOut])
def list_(api_request: ApiRequest) -> PageOut[ConsentOut]:
    """List consents and requests, newest first."""
    query = api_request.query
    rows = [
        row
        for row in consents.list_consents(api_request.app)
        if query.state in ("", row.state) and query.unit in ("", row.consent.unit, row.consent.to)
    ]
    ids = [row.id for row in rows]
    start = ids.index(query.cursor) + 1 if query.cursor in ids else 0
    found = [_build_consent_out(api_request, row) for row in rows[start : start + query.limit + 1]]
    return build_page(found, query.limit, lambda consent: consent.id)


@api.post("/consents", "consent.ask", body=ConsentIn, answer=ConsentOut, status=201)
def create(api_request: ApiRequest) -> ConsentOut:
    """Give a consent, or ask another unit for its consent."""
    body, actor = api_request.body, api_request.actor
    may_give = permissions.is_allowed(actor, "consent.give") and permissions.may_manage_unit(actor, body.unit)
    do = consents.give_consent if may_give and not body.ask else consents.ask_consent
    caps = (body.max_share, body.max_priority)
    until = api_request.parse_time(body.until or "", "until")
    terms = ConsentTerms(body.unit, body.to, body.screens, body.campaign, body.hours, *caps, until)
    return _build_consent_out(api_request, do(api_request.app, actor, terms))


@api.get("/consents/{id}", "consent.view", answer=ConsentOut, errors=(404,))
def show(api_request: ApiRequest) -> ConsentOut:
    """Get a consent."""
    return _build_consent_out(api_request, consents.get_consent(api_request.app, api_request.id))


@api.post("/consents/{id}/give", "consent.give", body=ConsentTermsIn, answer=ConsentOut, errors=(404, 409))
def give(api_request: ApiRequest) -> ConsentOut:
    """Give the consent that was asked for, on its terms or narrower ones."""
    terms = _merge_terms(api_request, consents.get_consent(api_request.app, api_request.id))
    return _build_consent_out(
        api_request, consents.answer_request(api_request.app, api_request.actor, api_request.id, terms)
    )


@api.post("/consents/{id}/withdraw", "consent.withdraw", answer=ConsentOut, errors=(404, 409))
def withdraw(api_request: ApiRequest) -> ConsentOut:
    """Withdraw a consent, or decline a request; screens follow within a second."""
    return _build_consent_out(
        api_request, consents.withdraw_consent(api_request.app, api_request.actor, api_request.id)
    )


def _merge_terms(api_request: ApiRequest, row: ConsentRow) -> ConsentTerms:
    consent, body = row.consent, api_request.body
    until = consent.until if body.until is UNSET else api_request.parse_time(body.until or "", "until")
    asked: dict[str, Any] = {
        "screens": consent.screens,
        "hours": None if consent.hours is None else str(consent.hours),
        "max_share": consent.max_share,
        "max_priority": consent.max_priority,
    }
    changed = {name: getattr(body, name) for name in asked if getattr(body, name) is not UNSET}
    return ConsentTerms(consent.unit, consent.to, campaign=consent.campaign, until=until, **asked | changed)


def _build_consent_out(api_request: ApiRequest, row: ConsentRow) -> ConsentOut:
    facts = consents.describe_consent(row)
    local = {name: value.astimezone(api_request.zone) for name, value in facts.items() if isinstance(value, datetime)}
    return ConsentOut(**facts | local)
