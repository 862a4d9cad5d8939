"""Passkeys: registration for an account and login; scripts exchange JSON here."""

from typing import Any

from flask import Response, request

from signage.faults import refuse
from signage.services.users import accounts, second_factors
from signage.web.console.framework.errors import sanitize_next
from signage.web.console.framework.toolkit import PUBLIC, Form, PageGroup, get_request_context, redirect_to_page
from signage.web.console.pages.users.login import start_session
from signage.web.http.json_body import JsonError, decode_any_json
from signage.web.request_context import get_app_context, get_dependencies, is_https, respond_json
from signage.web.security import passkeys
from signage.web.session_cookies import get_csrf_secret

pages = PageGroup("passkeys")


@pages.post("/login/passkey/begin", PUBLIC)
def begin() -> Response:
    """Return the options for a login by passkey."""
    return respond_json(
        passkeys.create_authentication_options(
            _get_relying_party(), passkeys.create_challenge(_require_secret(), get_app_context().clock.now())
        )
    )


@pages.post("/login/passkey/finish", PUBLIC)
def submit() -> Response:
    """Verify the passkey and log in."""
    app, body = get_app_context(), _parse_json_body()
    credential = body.get("credential")
    passkey = second_factors.find_passkey(app, passkeys.get_credential_id(credential))
    account = accounts.find_account(app, passkey.user_id) if passkey else None
    if passkey is None or account is None or account.disabled_at is not None:
        raise refuse("passkey-unknown", "passkey")
    now = app.clock.now()
    sign_count = passkeys.verify_authentication(_get_relying_party(), passkey, credential, _require_secret(), now)
    second_factors.record_passkey_use(app, passkey, sign_count, now)
    next_url = sanitize_next(str(body.get("next", "")))
    return start_session(account.user, lambda: respond_json({"next": next_url}))


@pages.post("/account/passkeys/ask", "user.factor")
def ask() -> Response:
    """Return the options for a new passkey."""
    context = get_request_context()
    passkey_rows = second_factors.get_second_factors(context.app, context.user.id).passkeys
    challenge = passkeys.create_challenge(_require_secret(), context.app.clock.now())
    return respond_json(
        passkeys.create_registration_options(_get_relying_party(), context.user.id, passkey_rows, challenge)
    )


@pages.post("/account/passkeys", "user.factor")
def add() -> Response:
    """Save the new passkey."""
    form, context = Form.from_request(), get_request_context()
    name = form.get_text("name")[:100] or context.user.id
    try:
        credential = decode_any_json(form.get_raw_text("credential"))
    except JsonError:
        raise refuse("passkey-wrong", "passkey") from None
    passkey = passkeys.verify_registration(
        _get_relying_party(), context.user.id, name, credential, _require_secret(), context.app.clock.now()
    )
    second_factors.add_passkey(context.app, context.actor, passkey)
    return redirect_to_page("account.show", done="passkey-added")


@pages.post("/account/passkeys/remove", "user.factor")
def remove() -> Response:
    """Remove a passkey."""
    second_factors.remove_passkey(
        get_request_context().app, get_request_context().actor, Form.from_request().get_text("credential")
    )
    return redirect_to_page("account.show", done="passkey-removed")


def _get_relying_party() -> passkeys.RelyingParty:
    configured = get_dependencies().config.public_url.rstrip("/")
    return passkeys.RelyingParty(configured or f"{'https' if is_https() else 'http'}://{request.host}")


def _require_secret() -> str:
    secret = get_csrf_secret()
    if secret is None:
        raise refuse("csrf-wrong")
    return secret


def _parse_json_body() -> dict[str, Any]:
    try:
        body = decode_any_json(request.get_data())
    except JsonError:
        body = None
    if not isinstance(body, dict):
        raise refuse("passkey-wrong", "passkey")
    return body
