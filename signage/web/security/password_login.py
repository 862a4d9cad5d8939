"""Checking a password: throttled, bounded, counted. One way for every door that takes one.

1. Whoever has to wait is told how long before anything is checked; it is asked again once there is a place for
   hashing, so that many tries at once do not slip through.
2. The answer is the same for an account that is not there, is disabled, has no password yet, or has another one.
"""

from dataclasses import dataclass

from signage.model.users import Person
from signage.services.context import Office
from signage.services.users import accounts as people
from signage.services.users import sessions
from signage.web.security import passwords


@dataclass(frozen=True, slots=True)
class Wait:
    """Too many tries: again after so many seconds."""

    seconds: int


def check(office: Office, account_id: str, password: str, address: str) -> Person | Wait | None:
    """Whose the account and its password are; None where something is wrong. Raises BusyError."""
    wait = sessions.wait_s(office, account_id, address)
    if wait:
        return Wait(wait)
    with passwords.slot():
        wait = sessions.wait_s(office, account_id, address)
        if wait:
            return Wait(wait)
        account = people.account(office, account_id)
        good = passwords.holds(account.password if account else None, password)
        if account is not None and good and account.disabled_at is None:
            return account.person
        sessions.failed(office, account_id, address, "password")
        return None
