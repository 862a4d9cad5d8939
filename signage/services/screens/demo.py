"""Demo screens: a taxi roof and a street screen, enrolled once, with tokens that stay the same.

Their tokens are in a file of the state folder that only its owner may read: ``signage up --demo`` prints the same links
again. The tokens of real screens are never stored.
"""

import os
from pathlib import Path
from typing import NamedTuple

import msgspec

from signage.model.screen import Screen
from signage.model.users import SYSTEM_ACTOR
from signage.services.context import AppContext
from signage.services.screens import registry
from signage.store.screens import screens
from signage.store.token_hash import hash_token

TOKENS_FILE = "demo.json"
_DEMO_SCREENS = (("demo-roof", "taxi-roof", "taxi-192x64"), ("demo-street", "street", "street-1920x1080"))


class DemoScreen(NamedTuple):
    """A demo screen and its token."""

    screen: str
    token: str


def enrol_demo_screens(context: AppContext) -> tuple[DemoScreen, ...]:
    """Return the demo screens with their tokens; missing ones are enrolled."""
    path = context.state / TOKENS_FILE
    tokens = _read_tokens(path)
    tokens_by_id = {name: tokens.get(name) or registry.generate_token() for name, _, _ in _DEMO_SCREENS}
    if tokens_by_id != tokens:
        _write_tokens(path, tokens_by_id)
    for name, kind, panel in _DEMO_SCREENS:
        with context.store.read() as connection:
            row = screens.get_screen(connection, name)
        if row is None:
            screen = Screen(name, kind, panel, context.timezone, groups=("demo",))
            registry.create_screen(context, SYSTEM_ACTOR, screen, tokens_by_id[name])
        elif row.token_hash != hash_token(tokens_by_id[name]) or row.revoked_at is not None:
            registry.issue_token(context, SYSTEM_ACTOR, name, tokens_by_id[name])
    return tuple(DemoScreen(name, token) for name, token in tokens_by_id.items())


def _read_tokens(path: Path) -> dict[str, str]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, str])
    except (OSError, msgspec.DecodeError):
        return {}


def _write_tokens(path: Path, tokens: dict[str, str]) -> None:
    temporary = path.with_suffix(".new")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(msgspec.json.encode(tokens))
        out.flush()
        os.fsync(out.fileno())
    temporary.replace(path)
