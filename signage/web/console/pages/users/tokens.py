"""Tokens for the API: one's own, and everybody's for an administrator."""

from flask import Response

from signage.services.users import accounts as people
from signage.web.console.framework.toolkit import N_, Form, Pages, go, here, render

pages = Pages("tokens")
SCOPES = (
    ("read", N_("Only look and export")),
    ("screen.*", N_("Screens")),
    ("takeover.*", N_("Takeovers")),
    ("campaign.*", N_("Campaigns")),
    ("clip.*", N_("Clips")),
    ("incident.*", N_("Incidents")),
)


@pages.get("/tokens", "token.view")
def list_() -> Response:
    """The tokens that are one's to see."""
    me = here()
    found = people.tokens(me.office)
    if not me.may("token.revoke") and not me.may("user.view"):
        found = [token for token in found if token.person == me.person.id]
    return render("tokens/list.html", tokens=sorted(found, key=lambda t: -t.number))


@pages.get("/tokens/add", "token.add")
def new() -> Response:
    """The form for a new token."""
    return _form(Form({"days": 90}))


@pages.post("/tokens/add", "token.add")
def add() -> Response:
    """A token of one's own, shown this once."""
    form, me = Form.read(), here()
    form.need("name", "days")
    days = form.whole("days")
    secret = ""
    if not form.errors and days is not None:
        with form.catching():
            name = form.text("name")[:100]
            secret = people.add_token(me.office, me.actor, me.person.id, days, form.many("scope"), name)
    return _form(form) if form.errors else render("tokens/shown.html", token=secret, days=days)


@pages.post("/tokens/<int:number>/revoke", "token.drop")
def revoke(number: int) -> Response:
    """Let a token be good no more."""
    people.revoke_token(here().office, here().actor, number)
    return go("tokens.list", done="token-revoked")


def _form(form: Form) -> Response:
    return render("tokens/add.html", form.status, form=form, scopes=SCOPES)
