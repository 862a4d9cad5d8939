"""The console's pages and lists at the server, over a database as large as asked.

The application is the real one, asked without a network in between; every page is asked once before it is measured.
"""

import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from werkzeug.test import Client

from signage.acts import people, sessions
from signage.acts.act import Office
from signage.acts.opening import open_office
from signage.bench._rows import best_of, row
from signage.config import Config, load
from signage.library.house import Library
from signage.model.campaign import Campaign, Placement
from signage.model.campaign_file.write import write
from signage.model.item import Item
from signage.model.people import SYSTEM
from signage.model.screen import Screen
from signage.publish.shelf import Shelf
from signage.store import campaigns, contacts, plays, revision, screens
from signage.store.columns import to_ms
from signage.store.engine import Connection
from signage.web.app import create_app
from signage.web.security import browser
from signage.worker import services

GOAL_MS = 100.0
ITEMS, _A_RUN, _AN_ADDITION = 10, 10_000, 5_000
PAGES = (
    *("today", "screens", "screens/taxi-000001", "campaigns", "campaigns/c-00001", "campaigns/-/new", "approvals"),
    *("approvals?column=live", "approvals/c-00000", "takeover", "library", "incidents", "log/plays", "settings"),
    *("users", "campaigns?search=9"),
)
LISTS = ("screens", "campaigns", "approvals", "reports", "takeovers", "incidents", "plays?screen=taxi-000001")


def run(screens: int = 1000, campaigns: int = 100, plays: int = 10_000) -> list[dict[str, Any]]:
    """A row for each page, and for each list of the API."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "config.toml").write_text("", "utf-8")
        (folder / "playlists").mkdir()
        config = load(folder / "config.toml")
        library = Library.of(config)
        office = open_office(config, clips=library.clips)
        _fill(office, screens, campaigns, plays)
        what = f"{screens:,} screens, {campaigns * ITEMS:,} items, {plays:,} plays: "
        found = list(_measured(config, office, library, what))
        office.store.close()
    return found


def _measured(config: Config, office: Office, library: Library, what: str) -> Iterator[dict[str, Any]]:
    page, ask = _visitor(config, office, library)
    for one in PAGES:
        yield _timed(what + f"/console/{one}", page, f"/console/{one}")
    for one in LISTS:
        yield _timed(what + f"/api/v1/{one}", ask, f"/api/v1/{one}")


def _timed(what: str, get: Callable[[str], None], path: str) -> dict[str, Any]:
    get(path)
    return row("console", what, best_of(5, lambda: get(path)) * 1000, "ms", goal=GOAL_MS)


def _visitor(config: Config, office: Office, library: Library) -> tuple[Callable[[str], None], Callable[[str], None]]:
    """Somebody who may do nearly all: at a browser, and with a program."""
    app = create_app(services(config, office, library, Shelf(office.store)))
    people.add(office, SYSTEM, "boss", ("operator", "approver", "admin", "duty"))
    account = people.account(office, "boss")
    assert account is not None
    client, program = Client(app), Client(app)
    secret = sessions.begin(office, config.session, account.person, "full", "127.0.0.1", "bench")
    client.set_cookie(browser.SESSION, secret)
    token = people.add_token(office, people.actor_of(account.person, "console"), "boss")

    def page(path: str) -> None:
        _checked(client.get(path), path)

    def ask(path: str) -> None:
        _checked(program.get(path, headers={"Authorization": f"Bearer {token}"}), path)

    return page, ask


def _checked(answer: Any, path: str) -> None:
    body = answer.get_data()
    if answer.status_code != 200:
        raise RuntimeError(f"{path}: {answer.status_code} {body[:300]!r}")


def _fill(office: Office, fleet: int, number: int, shown: int) -> None:
    now = office.clock.now().replace(microsecond=0)
    with office.store.write() as connection:
        screens.add(connection, ((_screen(n), f"{n:064x}") for n in range(fleet)), now)
        contacts.seen(connection, [(_screen(n).id, now - timedelta(minutes=n % 200), 1) for n in range(fleet)])
        for n in range(number):
            _keep(connection, n, now)
        revision.bump(connection, "screens", "campaigns")
    for begin in range(0, shown, _A_RUN):
        with office.store.write() as connection:
            _play(connection, begin // _A_RUN, fleet, min(_A_RUN, shown - begin), now)


def _screen(number: int) -> Screen:
    groups = (f"group-{number % 50:02}",)
    return Screen(f"taxi-{number:06}", "taxi-roof", "taxi-192x64", "Asia/Shanghai", groups=groups)


def _keep(connection: Connection, number: int, now: datetime) -> None:
    """Every tenth waits for approval."""
    items = tuple(Item(f"s{n}", text=f"和谐社会 文明消费 {number} {n}") for n in range(ITEMS))
    window = now - timedelta(days=number % 5), now + timedelta(days=1 + number % 20)
    one = Campaign(f"c-{number:05}", f"专题 {number}", "Asia/Shanghai", *window, items, (Placement(("*",), ("*",)),))
    campaigns.put(connection, one, write(one), "console", "submitted", now, "li")
    if number % 10:
        campaigns.set_state(connection, one.id, 1, "approved", now)


def _play(connection: Connection, run: int, fleet: int, count: int, now: datetime) -> None:
    """A run of one screen, in additions as a screen would send them."""
    received = to_ms(now)
    of = plays.open_run(connection, f"taxi-{run % fleet:06}", f"run-{run}", received)
    first = received - count * 8000
    sent = (
        plays.Sent(n, f"c-{n % 100:05}/s1", "0" * 64, 1, now.isoformat(), first + n * 8000, 8000, "completed")
        for n in range(1, count + 1)
    )
    while some := list(islice(sent, _AN_ADDITION)):
        plays.add(connection, of, some, received)
    plays.advance(connection, of, range(1, count + 1), (), received)
