"""Time-based one-time passwords (TOTP, RFC 6238): six digits, 30 s, one step of clock tolerance either way."""

import hmac
from datetime import datetime

import pyotp

STEP_S = 30


def create_secret() -> str:
    """Create an authenticator secret, in base 32."""
    return pyotp.random_base32()


def is_secret(text: str) -> bool:
    """Whether *text* is an authenticator secret."""
    return len(text) == 32 and set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")


def build_uri(secret: str, user_id: str, issuer: str) -> str:
    """Return the URI that an authenticator app reads (as a QR code or a link)."""
    return pyotp.TOTP(secret).provisioning_uri(name=user_id, issuer_name=issuer)


def find_step(secret: str, code: str, at: datetime) -> int | None:
    """Return the time step of *code*; None where it is wrong."""
    digits = "".join(code.split())
    current_step = int(at.timestamp()) // STEP_S
    totp = pyotp.TOTP(secret)
    for step in (current_step, current_step - 1, current_step + 1):
        if hmac.compare_digest(totp.at(step * STEP_S).encode(), digits.encode("utf-8", "replace")):
            return step
    return None
