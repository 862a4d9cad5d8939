"""Passkeys: added to one's account, and used to log in. What scripts ask and answer here is JSON."""

import json
from typing import Any

import msgspec
from flask import Response, request

from signage.faults import refuse
from signage.services.users import accounts as people
from signage.services.users import second_factors as factors
from signage.web.console.framework.errors import safe_next
from signage.web.console.framework.request import https, secret, the_office
from signage.web.console.framework.toolkit import PUBLIC, Form, Pages, go, here
from signage.web.console.pages.users.login import let_in
from signage.web.request_context import services
from signage.web.security import passkeys

pages = Pages("passkeys")


@pages.post("/login/passkey/begin", PUBLIC)
def begin() -> Response:
    """The question for whichever passkey the person takes."""
    return _json(passkeys.ask(_site(), passkeys.new_challenge(_secret(), the_office().clock.now())))


@pages.post("/login/passkey/finish", PUBLIC)
def enter() -> Response:
    """The answer: in, where it is good."""
    office, said = the_office(), _said()
    answer = said.get("credential")
    found = factors.passkey(office, passkeys.credential_of(answer))
    account = people.account(office, found.person) if found else None
    if found is None or account is None or account.disabled_at is not None:
        raise refuse("passkey-unknown", "passkey")
    now = office.clock.now()
    count = passkeys.answered(_site(), found, answer, _secret(), now)
    factors.used(office, found, count, now)
    next_ = safe_next(str(said.get("next", "")))
    return let_in(account.person, lambda: _json({"next": next_}))


@pages.post("/account/passkeys/ask", "user.factor")
def ask() -> Response:
    """The question that makes a new passkey."""
    me = here()
    known = factors.of(me.office, me.person.id).passkeys
    challenge = passkeys.new_challenge(_secret(), me.office.clock.now())
    return _json(passkeys.ask_new(_site(), me.person.id, known, challenge))


@pages.post("/account/passkeys", "user.factor")
def add() -> Response:
    """Keep the passkey that was made."""
    form, me = Form.read(), here()
    name = form.text("name")[:100] or me.person.id
    try:
        answer = json.loads(form.raw("credential"))
    except (ValueError, RecursionError):
        raise refuse("passkey-wrong", "passkey") from None
    made = passkeys.made(_site(), me.person.id, name, answer, _secret(), me.office.clock.now())
    factors.add_passkey(me.office, me.actor, made)
    return go("account.show", done="passkey-added")


@pages.post("/account/passkeys/remove", "user.factor")
def remove() -> Response:
    """Take a passkey away."""
    factors.remove_passkey(here().office, here().actor, Form.read().text("credential"))
    return go("account.show", done="passkey-removed")


def _site() -> passkeys.Site:
    told = services().config.public_url.rstrip("/")
    return passkeys.Site(told or f"{'https' if https() else 'http'}://{request.host}")


def _secret() -> str:
    found = secret()
    if found is None:
        raise refuse("csrf-wrong")
    return found


def _said() -> dict[str, Any]:
    try:
        said = msgspec.json.decode(request.get_data())
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise refuse("passkey-wrong", "passkey")
    return said


def _json(value: object) -> Response:
    return Response(msgspec.json.encode(value), content_type="application/json")
