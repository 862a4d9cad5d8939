"""One screen's token against the disk and the database: what it can make the server store is bounded (H6)."""

import json

import pytest

from signage.evidence.play_ingest import IngestLimitError, PlayIngest
from signage.evidence.settings import PlaysConfig
from signage.store.disk_reserve import DiskReserve
from signage.store.engine import Store, metadata
from signage.store.plays import gaps, plays
from tests.attacks.wire import request
from tests.support.clocks import ManualClock


@pytest.fixture
def clock():
    return ManualClock("2021-03-15T08:00:00+08:00")


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path / "signage.db")
    with store.write() as connection:
        metadata.create_all(connection)
    yield store
    store.close()


def create_batch(run: str, records: int = 50, size: int = 10_000) -> bytes:
    """A batch of records that cannot be read as plays."""
    return json.dumps({"run": run, "plays": [{"seq": n, "result": "x" * size} for n in range(records)]}).encode()


def test_of_rejected_records_only_hash_and_first_kilobyte_are_stored(store, clock):
    ingest = PlayIngest(store, clock)
    for number in range(20):
        ingest.submit("taxi-0001", create_batch(f"r{number}"))
    ingest.close()
    with store.read() as connection:
        for run in plays.list_runs(connection, "taxi-0001"):
            for record in gaps.list_rejected_records(connection, run.id):
                assert len(record.bytes) <= gaps.KEPT_BYTES and len(record.why) <= 300
    assert (store.path.stat().st_size >> 20) < 4


@pytest.mark.parametrize(
    "content", [{"plays": []}, {"lost": [[2 * n, 2 * n] for n in range(40_000)]}], ids=["padding", "lost ranges"]
)
def test_a_screen_has_a_budget_a_day_and_others_are_not_concerned(store, clock, content):
    ingest = PlayIngest(store, clock, config=PlaysConfig(mb_per_day=4))
    body = json.dumps({"plays": [], **content}).encode().ljust(900_000)
    with pytest.raises(IngestLimitError) as error:
        for _ in range(20):
            ingest.submit("taxi-0001", body)
    assert error.value.code == "plays-budget" and 0 < error.value.retry_after_s <= 86_400
    assert ingest.submit("taxi-0002", b'{"plays":[]}').stored == 0
    clock.move(error.value.retry_after_s)
    assert ingest.submit("taxi-0001", b'{"plays":[]}').stored == 0
    ingest.close()


def test_below_the_reserve_nothing_is_taken_in(store, clock, tmp_path):
    reserve = DiskReserve(tmp_path, 1 << 60, clock)
    ingest = PlayIngest(store, clock, disk_reserve=reserve)
    with pytest.raises(IngestLimitError) as error:
        ingest.submit("taxi-0001", b'{"plays":[]}')
    assert error.value.code == "plays-reserve"


def test_the_program_answers_429_beyond_the_budget_and_507_below_the_reserve(install):
    office = install(campaigns=False)
    config = office.folder / "config.toml"
    text = config.read_text("utf-8")
    config.write_text(text.replace("mb_per_day = 64", "mb_per_day = 1"), "utf-8")
    token = office.run_json("screens", "add", "taxi-0001", "--kind", "taxi-roof", "--panel", "taxi-192x64")["token"]
    headers = {"Authorization": f"Bearer {token}"}
    office.start()

    def send(number: int):
        return request(office.port, "POST", "/screen/v1/plays", create_batch(f"r{number}", size=15_000), headers)

    answers = [send(number) for number in range(4)]
    assert [answer.status for answer in answers] == [200, 200, 429, 429]
    assert int(answers[-1].getheader("Retry-After")) > 0
    assert json.loads(answers[-1].read())["faults"][0]["mend"]
    assert office.is_ready()
    office.stop()
    config.write_text(text.replace("reserve_mb = 16", f"reserve_mb = {1 << 20}"), "utf-8")
    office.start_without_waiting()
    assert send(9).status == 507
    ready = request(office.port, "GET", "/readyz")
    assert ready.status == 503 and b"disk-reserve" in ready.read()
