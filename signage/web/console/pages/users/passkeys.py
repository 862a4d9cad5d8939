"""Passkeys: added to one's account, and used to log in. What scripts ask and answer here is JSON."""

import json
from typing import Any

import msgspec
from flask import Response, request

from signage.faults import refuse
from signage.services.users import accounts as people
from signage.services.users import second_factors as factors
from signage.web.console.framework.errors import sanitize_next
from signage.web.console.framework.request import app_context, get_cookie_secret, is_https
from signage.web.console.framework.toolkit import PUBLIC, Form, PageGroup, current_request, redirect_to_page
from signage.web.console.pages.users.login import start_session
from signage.web.request_context import get_dependencies
from signage.web.security import passkeys

pages = PageGroup("passkeys")


@pages.post("/login/passkey/begin", PUBLIC)
def begin() -> Response:
    """The question for whichever passkey the person takes."""
    return _respond_json(
        passkeys.create_authentication_options(
            _get_relying_party(), passkeys.create_challenge(_require_secret(), app_context().clock.now())
        )
    )


@pages.post("/login/passkey/finish", PUBLIC)
def submit() -> Response:
    """The answer: in, where it is good."""
    office, said = app_context(), _parse_json_body()
    answer = said.get("credential")
    found = factors.find_passkey(office, passkeys.get_credential_id(answer))
    account = people.find_account(office, found.person) if found else None
    if found is None or account is None or account.disabled_at is not None:
        raise refuse("passkey-unknown", "passkey")
    now = office.clock.now()
    count = passkeys.verify_authentication(_get_relying_party(), found, answer, _require_secret(), now)
    factors.record_passkey_use(office, found, count, now)
    next_ = sanitize_next(str(said.get("next", "")))
    return start_session(account.user, lambda: _respond_json({"next": next_}))


@pages.post("/account/passkeys/ask", "user.factor")
def ask() -> Response:
    """The question that makes a new passkey."""
    me = current_request()
    known = factors.get_second_factors(me.context, me.user.id).passkeys
    challenge = passkeys.create_challenge(_require_secret(), me.context.clock.now())
    return _respond_json(passkeys.create_registration_options(_get_relying_party(), me.user.id, known, challenge))


@pages.post("/account/passkeys", "user.factor")
def add() -> Response:
    """Keep the passkey that was made."""
    form, me = Form.from_request(), current_request()
    name = form.get_text("name")[:100] or me.user.id
    try:
        answer = json.loads(form.get_raw_text("credential"))
    except (ValueError, RecursionError):
        raise refuse("passkey-wrong", "passkey") from None
    made = passkeys.verify_registration(
        _get_relying_party(), me.user.id, name, answer, _require_secret(), me.context.clock.now()
    )
    factors.add_passkey(me.context, me.actor, made)
    return redirect_to_page("account.show", done="passkey-added")


@pages.post("/account/passkeys/remove", "user.factor")
def remove() -> Response:
    """Take a passkey away."""
    factors.remove_passkey(
        current_request().context, current_request().actor, Form.from_request().get_text("credential")
    )
    return redirect_to_page("account.show", done="passkey-removed")


def _get_relying_party() -> passkeys.RelyingParty:
    told = get_dependencies().config.public_url.rstrip("/")
    return passkeys.RelyingParty(told or f"{'https' if is_https() else 'http'}://{request.host}")


def _require_secret() -> str:
    found = get_cookie_secret()
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


def _respond_json(value: object) -> Response:
    return Response(msgspec.json.encode(value), content_type="application/json")
