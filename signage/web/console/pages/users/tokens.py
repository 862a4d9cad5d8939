"""API tokens: the user's own, and everybody's for an administrator."""

from flask import Response

from signage.services.users import api_tokens
from signage.web.console.framework.toolkit import (
    N_,
    Form,
    PageGroup,
    get_request_context,
    redirect_to_page,
    render_template,
)

pages = PageGroup("tokens")
SCOPES = (
    ("read", N_("View and export only")),
    ("screen.*", N_("Screens")),
    ("takeover.*", N_("Takeovers")),
    ("campaign.*", N_("Campaigns")),
    ("clip.*", N_("Clips")),
    ("incident.*", N_("Incidents")),
)


@pages.get("/tokens", "token.view")
def list_() -> Response:
    """List the tokens that the user may see."""
    context = get_request_context()
    tokens = api_tokens.list_tokens(context.app)
    if not context.is_allowed("token.revoke") and not context.is_allowed("user.view"):
        tokens = [token for token in tokens if token.user_id == context.user.id]
    return render_template("users/tokens.html", tokens=sorted(tokens, key=lambda t: -t.number))


@pages.get("/tokens/add", "token.add")
def new() -> Response:
    """Show the form for a new token."""
    return _render_form(Form({"days": 90}))


@pages.post("/tokens/add", "token.add")
def add() -> Response:
    """Create a token for the user, shown only now."""
    form, context = Form.from_request(), get_request_context()
    form.require_fields("name", "days")
    days = form.get_int("days")
    secret = ""
    if not form.errors and days is not None:
        with form.collect_faults():
            name = form.get_text("name")[:100]
            secret = api_tokens.create_token(
                context.app, context.actor, context.user.id, days, form.get_list("scope"), name
            )
    return _render_form(form) if form.errors else render_template("users/token_shown.html", token=secret, days=days)


@pages.post("/tokens/<int:number>/revoke", "token.drop")
def revoke(number: int) -> Response:
    """Revoke a token."""
    api_tokens.revoke_token(get_request_context().app, get_request_context().actor, number)
    return redirect_to_page("tokens.list", done="token-revoked")


def _render_form(form: Form) -> Response:
    return render_template("users/token_add.html", form.status, form=form, scopes=SCOPES)
