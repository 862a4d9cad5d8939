"""Two screens to look at: a taxi roof and a street screen, enrolled once, with tokens that stay the same.

Their tokens are kept in the state folder, for its owner alone: a demonstration that is started again prints the same
links. Real screens' tokens are kept nowhere.
"""

import os
from pathlib import Path
from typing import NamedTuple

import msgspec

from signage.model.screen import Screen
from signage.model.users import SYSTEM
from signage.services.context import Office
from signage.services.screens import registry as screens
from signage.store.screens import screens as kept
from signage.store.screens.screens import digest

FILE = "demo.json"
_SCREENS = (("demo-roof", "taxi-roof", "taxi-192x64"), ("demo-street", "street", "street-1920x1080"))


class DemoScreen(NamedTuple):
    """A demo screen and its token."""

    screen: str
    token: str


def enrol(office: Office) -> tuple[DemoScreen, ...]:
    """The demo screens, each with its token; those that are not there yet are enrolled."""
    path = office.state / FILE
    tokens = _read(path)
    wanted = {name: tokens.get(name) or screens.new_token() for name, _, _ in _SCREENS}
    if wanted != tokens:
        _write(path, wanted)
    for name, kind, panel in _SCREENS:
        with office.store.read() as connection:
            found = kept.get(connection, name)
        if found is None:
            screen = Screen(name, kind, panel, office.timezone, groups=("demo",))
            screens.add(office, SYSTEM, screen, wanted[name])
        elif found.token != digest(wanted[name]) or found.revoked_at is not None:
            screens.give_token(office, SYSTEM, name, wanted[name])
    return tuple(DemoScreen(name, token) for name, token in wanted.items())


def _read(path: Path) -> dict[str, str]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, str])
    except (OSError, msgspec.DecodeError):
        return {}


def _write(path: Path, tokens: dict[str, str]) -> None:
    temporary = path.with_suffix(".new")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(msgspec.json.encode(tokens))
        out.flush()
        os.fsync(out.fileno())
    temporary.replace(path)
