"""Passkeys (WebAuthn Level 3): options, registration, authentication; a user-verifying passkey replaces both factors.

1. A challenge is bound to the browser's cookie and valid for five minutes; it becomes invalid once the passkey is used,
   so an answer cannot be replayed.
2. The relying party is ``[server] public_url``, else the address of the request.
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
    """The site of the console: *origin* with scheme and port, *host* without."""

    origin: str

    @property
    def host(self) -> str:
        return urlsplit(self.origin).hostname or ""


def create_challenge(secret: str, now: datetime) -> bytes:
    """Create a challenge for the browser whose cookie contains *secret*."""
    body = int(now.timestamp()).to_bytes(8, "big") + secrets.token_bytes(_NONCE_BYTES)
    return body + _sign_challenge(secret, body)


def find_challenge_time(challenge: bytes, secret: str, now: datetime) -> datetime | None:
    """Return when *challenge* was created for this browser; None where it is foreign or expired."""
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
    """Return the browser's options for creating a passkey of *user_id*."""
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
    """Return the browser's options for authenticating with any passkey of this site."""
    options = webauthn.generate_authentication_options(
        rp_id=site.host, challenge=challenge, user_verification=UserVerificationRequirement.REQUIRED
    )
    encoded: dict[str, Any] = json.loads(webauthn.options_to_json(options))
    return encoded


def verify_registration(
    site: RelyingParty, user_id: str, name: str, answer: Any, secret: str, now: datetime
) -> PasskeyRow:
    """Return the passkey that *answer* registers. Raises Refused."""
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
    except (WebAuthnException, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise _create_refusal() from error
    credential_id = bytes_to_base64url(verified.credential_id)
    return PasskeyRow(credential_id, user_id, name, verified.credential_public_key, verified.sign_count, now, None)


def get_credential_id(credential: Any) -> str:
    """Return the credential id of *credential*; empty where it has none."""
    credential_id = credential.get("id") if isinstance(credential, dict) else None
    return credential_id if isinstance(credential_id, str) and len(credential_id) <= 500 else ""


def verify_authentication(site: RelyingParty, passkey: PasskeyRow, credential: Any, secret: str, now: datetime) -> int:
    """Return the new signature counter of *passkey* if *credential* is valid. Raises Refused."""
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
    except (WebAuthnException, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise _create_refusal() from error
    return int(verified.new_sign_count)


def _extract_challenge(credential: Any) -> bytes:
    client_data = json.loads(base64url_to_bytes(credential["response"]["clientDataJSON"]))
    return bytes(base64url_to_bytes(client_data["challenge"]))


def _sign_challenge(secret: str, body: bytes) -> bytes:
    return hmac.new(secret.encode(), b"passkey" + body, hashlib.sha256).digest()[:_MAC_BYTES]


def _create_refusal() -> Refused:
    return refuse("passkey-wrong", "passkey")
