"""Checks passwords, throttled and counted, for every page that takes one.

1. The delay is checked before anything else, and again with a hashing slot, so that concurrent attempts do not slip
   through.
2. The answer is the same for an unknown, disabled or invited account and for a wrong password.
"""

from dataclasses import dataclass

from signage.model.users import User
from signage.services.context import AppContext
from signage.services.users import accounts, sessions
from signage.web.security import passwords


@dataclass(frozen=True, slots=True)
class LoginThrottle:
    """Too many attempts: the delay in seconds."""

    seconds: int


def check_password(app: AppContext, account_id: str, password: str, address: str) -> User | LoginThrottle | None:
    """Return the user of the account if the password is correct, else None. Raises BusyError."""
    delay_s = sessions.get_login_delay_s(app, account_id, address)
    if delay_s:
        return LoginThrottle(delay_s)
    with passwords.hold_hashing_slot():
        delay_s = sessions.get_login_delay_s(app, account_id, address)
        if delay_s:
            return LoginThrottle(delay_s)
        account = accounts.find_account(app, account_id)
        is_correct = passwords.verify_password(account.password_hash if account else None, password)
        if account is not None and is_correct and account.disabled_at is None:
            return account.user
        sessions.record_failed_login(app, account_id, address, "password")
        return None
