"""The same program over PostgreSQL: its shape, one log that many write, two servers that take over from each other."""

import tempfile
import threading
from datetime import timedelta
from pathlib import Path

import pytest
import requests
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from signage.evidence.play_ingest import PlayIngest
from signage.model.takeover import Takeover
from signage.model.users import SYSTEM_ACTOR
from signage.services.context import AppContext
from signage.services.users import accounts as people
from signage.store import audit_log as audit
from signage.store.engine import Store, metadata
from signage.store.migrate import import_table_modules, migrate_database
from signage.store.plays import gaps, plays
from signage.store.screens import heartbeats as contacts
from signage.store.takeovers import delivery as landings
from signage.store.takeovers import receipts as reach
from signage.store.takeovers import takeovers
from tests.evidence.builders import create_body, create_play
from tests.support.clocks import ManualClock
from tests.support.installation import wait_until
from tests.support.postgresql import needs_postgresql, run_cluster

pytestmark = [needs_postgresql, pytest.mark.slow]
SLOGAN = "守护安全 畅通消费"


@pytest.fixture(scope="module")
def server():
    with tempfile.TemporaryDirectory(prefix="signage-pg-") as folder, run_cluster(Path(folder)) as found:
        yield found


@pytest.fixture
def store(server):
    made = Store(server.create_database())
    migrate_database(made)
    yield made
    made.close()


def test_the_steps_end_at_the_tables_of_the_code(store):
    import_table_modules()
    with store.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_a_takeover_is_followed_as_it_lands(store):
    clock = ManualClock()
    now = clock.now()
    order = Takeover("storm", 0, ("*",), now, now + timedelta(minutes=9), "li", "storm", text=SLOGAN)
    with store.write() as connection:
        takeovers.create_takeover(connection, order, ["a", "b", "c", "d"])
        landings.on_takeover_published(connection, [("storm", screen, 5) for screen in "abcd"])
        contacts.record_served_serials(connection, [("a", 5), ("b", 6), ("c", 4)])
        landings.on_serials_seen(connection, [("a", 5), ("b", 6), ("c", 4)])
        contacts.record_status(connection, "b", now, {"item": "_takeover/storm"}, 6)
        landings.on_status(connection, "b", now, "_takeover/storm")
    intake = PlayIngest(store, clock)
    intake.submit("d", create_body(create_play(1, item="_takeover/storm")))
    intake.close()
    with store.read() as connection:
        landed = reach.get_delivery_counts(connection, "storm")
        assert (landed.shown, landed.fetched, landed.undelivered) == (2, 1, 1)
        assert [(one[0], one[1]) for one in landed.missing] == [("c", "silent"), ("a", "fetched")]
        assert [one.state for one in reach.list_deliveries(connection, "storm", "a", 2)] == ["shown", "silent"]


def test_plays_are_stored_once_and_their_gaps_are_known(store):
    intake = PlayIngest(store, ManualClock())
    first = intake.submit("taxi-0001", create_body(*(create_play(n) for n in (1, 2, 3, 7)), lost=[[9, 10]]))
    again = intake.submit("taxi-0001", create_body(*(create_play(n) for n in (3, 2, 1, 5, 6))))
    other = intake.submit(
        "taxi-0001", create_body({**create_play(2), "item": "315-2021/b"}, {**create_play(8), "result": "?"})
    )
    intake.close()
    assert (first.stored, again.stored, again.duplicates) == (4, 2, 3)
    assert (other.stored, len(other.rejected)) == (0, 2)
    with store.read() as connection:
        (run,) = plays.list_runs(connection)
        assert [one.seq for one in plays.iter_plays(connection, run)] == [1, 2, 3, 5, 6, 7]
        found = [(gap.first, gap.last, gap.why) for gap in gaps.list_gaps(connection, run.id, run.settled_through)]
    assert (4, 4, "missing") in found
    assert (9, 10, "lost") in found


def test_a_log_that_many_write_at_once_is_one_log(store, tmp_path):
    before = _entries(store)

    def write(name):
        own = Store(store.url)
        office = AppContext(own, ManualClock(), tmp_path, tmp_path)
        for n in range(25):
            people.create_user(office, SYSTEM_ACTOR, f"{name}-{n}", ("operator",), None)
        own.close()

    threads = [threading.Thread(target=write, args=(f"p{n}",)) for n in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    entries = _entries(store)
    assert len(entries) == len(before) + 100
    assert [one.index for one in entries] == list(range(len(entries)))
    with store.read() as connection:
        leaves = list(audit.iter_leaf_hashes(connection))
    assert leaves == [(one.index, audit.hash_leaf(one.line)) for one in entries]


def _entries(store):
    with store.read() as connection:
        return list(audit.iter_entries(connection))


def test_two_servers_over_one_database_take_over_from_each_other(server, install):
    url = server.create_database()
    one, two = install("one"), install("two")
    state = one.folder / "var"
    for office in (one, two):
        config = office.folder / "config.toml"
        text = config.read_text("utf-8").replace('database = ""', f'database = "{url}"')
        config.write_text(text.replace('state = "var"', f'state = "{state}"'), "utf-8")
    one.start()
    token = one.run_json("screens", "add", "taxi-0001", "--panel", "taxi-192x64", "--kind", "taxi-roof")["token"]
    two.start()
    wait_until(
        lambda: one.get_playlist(token).status_code == two.get_playlist(token).status_code == 200,
        "both serve it",
        one.read_log,
    )
    wait_until(lambda: one.get_playlist(token).content == two.get_playlist(token).content, "both serve the same")
    batch = create_body(create_play(1), create_play(2))
    auth = {"Authorization": f"Bearer {token}"}
    stored = requests.post(one.url + "/screen/v1/plays", data=batch, headers=auth, timeout=10).json()
    one.kill()
    resent = requests.post(two.url + "/screen/v1/plays", data=batch, headers=auth, timeout=10).json()
    assert (stored["stored"], resent["stored"], resent["duplicates"]) == (2, 0, 2)
    assert [p["seq"] for p in two.run_json("plays", "taxi-0001")["plays"]] == [1, 2]
    started = two.run("takeover", "start", "--screens", "taxi-0001", "--text", SLOGAN, "--for", "5m", "--why", "test")
    wait_until(
        lambda: SLOGAN in two.get_playlist(token).text,
        f"the other keeps the timetable ({started.stdout})",
        two.read_log,
    )
    two.run("audit", "export", "bundle")
    assert two.run("audit", "verify", "bundle").returncode == 0
    assert b"takeover.start" in (two.folder / "bundle" / "audit.jsonl").read_bytes()
