"""Checks passwords, throttled and counted, for every page that takes one.

1. An attempt is counted before its password is looked at, so that simultaneous attempts do not slip through.
2. The answer is the same for an unknown, disabled or invited account and for a wrong password.
"""

from dataclasses import dataclass

from signage.model.users import User
from signage.services.context import AppContext
from signage.services.users import accounts, login_throttle
from signage.web.security import passwords


@dataclass(frozen=True, slots=True)
class LoginThrottle:
    """Too many attempts: the delay in seconds."""

    seconds: int


def check_password(app: AppContext, account_id: str, password: str, address: str) -> User | LoginThrottle | None:
    """Return the user of the account if the password is correct, else None. Raises BusyError."""
    attempt = login_throttle.begin_login_attempt(app, account_id, address)
    if attempt.delay_s:
        return LoginThrottle(attempt.delay_s)
    try:
        with passwords.hold_hashing_slot(address):
            account = accounts.find_account(app, account_id)
            is_correct = passwords.verify_password(account.password_hash if account else None, password)
    except passwords.BusyError:
        login_throttle.finish_login_attempt(app, attempt)
        raise
    if account is not None and is_correct and account.disabled_at is None:
        login_throttle.finish_login_attempt(app, attempt)
        return account.user
    login_throttle.finish_login_attempt(app, attempt, "password")
    return None
