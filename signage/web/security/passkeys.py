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
from signage.services.users.second_factors import PasskeyRow

RELYING_PARTY_NAME = "signage"
CHALLENGE_LIFETIME_S = 300
_NONCE_BYTES, _MAC_BYTES = 16, 16


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """Where people open the console: *origin* with scheme and port, *host* without."""

    origin: str

    @property
    def host(self) -> str:
        return urlsplit(self.origin).hostname or ""


def create_challenge(secret: str, now: datetime) -> bytes:
    """A challenge for the browser whose cookie holds *secret*."""
    body = int(now.timestamp()).to_bytes(8, "big") + secrets.token_bytes(_NONCE_BYTES)
    return body + _sign_challenge(secret, body)


def find_challenge_time(challenge: bytes, secret: str, now: datetime) -> datetime | None:
    """When *challenge* was made for this browser; None where it was not, or too long ago."""
    body, signature = challenge[: 8 + _NONCE_BYTES], challenge[8 + _NONCE_BYTES :]
    if len(challenge) != 8 + _NONCE_BYTES + _MAC_BYTES or not hmac.compare_digest(
        signature, _sign_challenge(secret, body)
    ):
        return None
    created_at = datetime.fromtimestamp(int.from_bytes(body[:8], "big"), UTC)
    return created_at if 0 <= (now - created_at).total_seconds() <= CHALLENGE_LIFETIME_S else None


def create_registration_options(
    site: RelyingParty, user_id: str, passkeys: Iterable[PasskeyRow], challenge: bytes
) -> dict[str, Any]:
    """What a browser needs to make a passkey for *person*."""
    options = webauthn.generate_registration_options(
        rp_id=site.host,
        rp_name=RELYING_PARTY_NAME,
        user_name=user_id,
        user_id=hashlib.sha256(user_id.encode()).digest(),
        challenge=challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[
            PublicKeyCredentialDescriptor(base64url_to_bytes(passkey.credential)) for passkey in passkeys
        ],
    )
    encoded: dict[str, Any] = json.loads(webauthn.options_to_json(options))
    return encoded


def create_authentication_options(site: RelyingParty, challenge: bytes) -> dict[str, Any]:
    """What a browser needs to answer with whichever passkey of this site its person takes."""
    options = webauthn.generate_authentication_options(
        rp_id=site.host, challenge=challenge, user_verification=UserVerificationRequirement.REQUIRED
    )
    encoded: dict[str, Any] = json.loads(webauthn.options_to_json(options))
    return encoded


def verify_registration(
    site: RelyingParty, user_id: str, name: str, answer: Any, secret: str, now: datetime
) -> PasskeyRow:
    """The passkey that *answer* tells of. Raises Refused."""
    try:
        challenge = _extract_challenge(answer)
        if find_challenge_time(challenge, secret, now) is None:
            raise _create_refusal()
        verified = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError, AttributeError) as error:
        raise _create_refusal() from error
    credential_id = bytes_to_base64url(verified.credential_id)
    return PasskeyRow(credential_id, user_id, name, verified.credential_public_key, verified.sign_count, now, None)


def get_credential_id(credential: Any) -> str:
    """The credential id that *answer* is of; empty where it has none."""
    credential_id = credential.get("id") if isinstance(credential, dict) else None
    return credential_id if isinstance(credential_id, str) and len(credential_id) <= 500 else ""


def verify_authentication(site: RelyingParty, passkey: PasskeyRow, credential: Any, secret: str, now: datetime) -> int:
    """The new count of *passkey*, whose answer is good. Raises Refused."""
    try:
        challenge = _extract_challenge(credential)
        made_at = find_challenge_time(challenge, secret, now)
        if made_at is None or (passkey.used_at is not None and made_at < passkey.used_at.replace(microsecond=0)):
            raise _create_refusal()
        verified = webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=passkey.public,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError, AttributeError) as error:
        raise _create_refusal() from error
    return int(verified.new_sign_count)


def _extract_challenge(credential: Any) -> bytes:
    client_data = json.loads(base64url_to_bytes(credential["response"]["clientDataJSON"]))
    return bytes(base64url_to_bytes(client_data["challenge"]))


def _sign_challenge(secret: str, body: bytes) -> bytes:
    return hmac.new(secret.encode(), b"passkey" + body, hashlib.sha256).digest()[:_MAC_BYTES]


def _create_refusal() -> Refused:
    return refuse("passkey-wrong", "passkey")
