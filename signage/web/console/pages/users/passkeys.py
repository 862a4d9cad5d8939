"""Passkeys: added to one's account, and used to log in. What scripts ask and answer here is JSON."""

import json
from typing import Any

import msgspec
from flask import Response, request

from signage.faults import refuse
from signage.services.users import accounts as people
from signage.services.users import second_factors as factors
from signage.web.console.framework.errors import sanitize_next
from signage.web.console.framework.toolkit import PUBLIC, Form, PageGroup, get_request_context, redirect_to_page
from signage.web.console.pages.users.login import start_session
from signage.web.request_context import get_app_context, get_dependencies, is_https, respond_json
from signage.web.security import passkeys
from signage.web.session_cookies import get_csrf_secret

pages = PageGroup("passkeys")


@pages.post("/login/passkey/begin", PUBLIC)
def begin() -> Response:
    """The question for whichever passkey the person takes."""
    return respond_json(
        passkeys.create_authentication_options(
            _get_relying_party(), passkeys.create_challenge(_require_secret(), get_app_context().clock.now())
        )
    )


@pages.post("/login/passkey/finish", PUBLIC)
def submit() -> Response:
    """The answer: in, where it is good."""
    office, said = get_app_context(), _parse_json_body()
    answer = said.get("credential")
    found = factors.find_passkey(office, passkeys.get_credential_id(answer))
    account = people.find_account(office, found.person) if found else None
    if found is None or account is None or account.disabled_at is not None:
        raise refuse("passkey-unknown", "passkey")
    now = office.clock.now()
    count = passkeys.verify_authentication(_get_relying_party(), found, answer, _require_secret(), now)
    factors.record_passkey_use(office, found, count, now)
    next_ = sanitize_next(str(said.get("next", "")))
    return start_session(account.user, lambda: respond_json({"next": next_}))


@pages.post("/account/passkeys/ask", "user.factor")
def ask() -> Response:
    """The question that makes a new passkey."""
    me = get_request_context()
    known = factors.get_second_factors(me.app, me.user.id).passkeys
    challenge = passkeys.create_challenge(_require_secret(), me.app.clock.now())
    return respond_json(passkeys.create_registration_options(_get_relying_party(), me.user.id, known, challenge))


@pages.post("/account/passkeys", "user.factor")
def add() -> Response:
    """Keep the passkey that was made."""
    form, me = Form.from_request(), get_request_context()
    name = form.get_text("name")[:100] or me.user.id
    try:
        answer = json.loads(form.get_raw_text("credential"))
    except (ValueError, RecursionError):
        raise refuse("passkey-wrong", "passkey") from None
    made = passkeys.verify_registration(
        _get_relying_party(), me.user.id, name, answer, _require_secret(), me.app.clock.now()
    )
    factors.add_passkey(me.app, me.actor, made)
    return redirect_to_page("account.show", done="passkey-added")


@pages.post("/account/passkeys/remove", "user.factor")
def remove() -> Response:
    """Take a passkey away."""
    factors.remove_passkey(
        get_request_context().app, get_request_context().actor, Form.from_request().get_text("credential")
    )
    return redirect_to_page("account.show", done="passkey-removed")


def _get_relying_party() -> passkeys.RelyingParty:
    configured = get_dependencies().config.public_url.rstrip("/")
    return passkeys.RelyingParty(configured or f"{'https' if is_https() else 'http'}://{request.host}")


def _require_secret() -> str:
    found = get_csrf_secret()
    if found is None:
        raise refuse("csrf-wrong")
    return found


def _parse_json_body() -> dict[str, Any]:
    try:
        said = msgspec.json.decode(request.get_data())
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise refuse("passkey-wrong", "passkey")
    return said
