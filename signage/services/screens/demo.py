"""Two screens to look at: a taxi roof and a street screen, enrolled once, with tokens that stay the same.

Their tokens are kept in the state folder, for its owner alone: a demonstration that is started again prints the same
links. Real screens' tokens are kept nowhere.
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
    """The demo screens, each with its token; those that are not there yet are enrolled."""
    path = context.state / TOKENS_FILE
    tokens = _read_tokens(path)
    wanted = {name: tokens.get(name) or registry.generate_token() for name, _, _ in _DEMO_SCREENS}
    if wanted != tokens:
        _write_tokens(path, wanted)
    for name, kind, panel in _DEMO_SCREENS:
        with context.store.read() as connection:
            found = screens.get_screen(connection, name)
        if found is None:
            screen = Screen(name, kind, panel, context.timezone, groups=("demo",))
            registry.create_screen(context, SYSTEM_ACTOR, screen, wanted[name])
        elif found.token_hash != hash_token(wanted[name]) or found.revoked_at is not None:
            registry.issue_token(context, SYSTEM_ACTOR, name, wanted[name])
    return tuple(DemoScreen(name, token) for name, token in wanted.items())


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
