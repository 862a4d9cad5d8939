"""Passkeys (WebAuthn Level 3): asked for, made, checked; a passkey that verified its person is both factors at once.

1. A challenge belongs to the browser whose cookie it was made for, for five minutes; it holds no longer once the
   passkey was used after it was made, so no answer is good twice.
2. The site is the one that people open: ``[server] public_url``, else the address of the request.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import webauthn
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from signage.faults import Refused, refuse
from signage.services.users.second_factors import Passkey

NAME = "signage"
LIFETIME_S = 300
_RANDOM, _MARK = 16, 16


@dataclass(frozen=True, slots=True)
class Site:
    """Where people open the console: *origin* with scheme and port, *host* without."""

    origin: str

    @property
    def host(self) -> str:
        return urlsplit(self.origin).hostname or ""


def new_challenge(secret: str, now: datetime) -> bytes:
    """A challenge for the browser whose cookie holds *secret*."""
    body = int(now.timestamp()).to_bytes(8, "big") + secrets.token_bytes(_RANDOM)
    return body + _mark(secret, body)


def challenge_made_at(challenge: bytes, secret: str, now: datetime) -> datetime | None:
    """When *challenge* was made for this browser; None where it was not, or too long ago."""
    body, mark = challenge[: 8 + _RANDOM], challenge[8 + _RANDOM :]
    if len(challenge) != 8 + _RANDOM + _MARK or not hmac.compare_digest(mark, _mark(secret, body)):
        return None
    made_at = datetime.fromtimestamp(int.from_bytes(body[:8], "big"), UTC)
    return made_at if 0 <= (now - made_at).total_seconds() <= LIFETIME_S else None


def ask_new(site: Site, person: str, known: Iterable[Passkey], challenge: bytes) -> dict[str, Any]:
    """What a browser needs to make a passkey for *person*."""
    options = webauthn.generate_registration_options(
        rp_id=site.host,
        rp_name=NAME,
        user_name=person,
        user_id=hashlib.sha256(person.encode()).digest(),
        challenge=challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(base64url_to_bytes(one.credential)) for one in known],
    )
    made: dict[str, Any] = json.loads(webauthn.options_to_json(options))
    return made


def ask(site: Site, challenge: bytes) -> dict[str, Any]:
    """What a browser needs to answer with whichever passkey of this site its person takes."""
    options = webauthn.generate_authentication_options(
        rp_id=site.host, challenge=challenge, user_verification=UserVerificationRequirement.REQUIRED
    )
    made: dict[str, Any] = json.loads(webauthn.options_to_json(options))
    return made


def made(site: Site, person: str, name: str, answer: Any, secret: str, now: datetime) -> Passkey:
    """The passkey that *answer* tells of. Raises Refused."""
    try:
        challenge = _challenge_of(answer)
        if challenge_made_at(challenge, secret, now) is None:
            raise _wrong()
        found = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError, AttributeError) as error:
        raise _wrong() from error
    credential = bytes_to_base64url(found.credential_id)
    return Passkey(credential, person, name, found.credential_public_key, found.sign_count, now, None)


def credential_of(answer: Any) -> str:
    """The credential id that *answer* is of; empty where it has none."""
    found = answer.get("id") if isinstance(answer, dict) else None
    return found if isinstance(found, str) and len(found) <= 500 else ""


def answered(site: Site, passkey: Passkey, answer: Any, secret: str, now: datetime) -> int:
    """The new count of *passkey*, whose answer is good. Raises Refused."""
    try:
        challenge = _challenge_of(answer)
        made_at = challenge_made_at(challenge, secret, now)
        if made_at is None or (passkey.used_at is not None and made_at < passkey.used_at.replace(microsecond=0)):
            raise _wrong()
        found = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=passkey.public,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError, AttributeError) as error:
        raise _wrong() from error
    return int(found.new_sign_count)


def _challenge_of(answer: Any) -> bytes:
    said = json.loads(base64url_to_bytes(answer["response"]["clientDataJSON"]))
    return bytes(base64url_to_bytes(said["challenge"]))


def _mark(secret: str, body: bytes) -> bytes:
    return hmac.new(secret.encode(), b"passkey" + body, hashlib.sha256).digest()[:_MARK]


def _wrong() -> Refused:
    return refuse("passkey-wrong", "passkey")
