import json
import random
import threading

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signage.evidence.play_ingest import IngestClosedError, PlayIngest
from signage.faults import Refused
from signage.store.engine import Store, metadata
from signage.store.plays import gaps, plays

SHA = "ab" * 32


def play(seq, **more):
    return {
        "seq": seq,
        "item": "315-2021/slogan-01",
        "sha256": SHA,
        "serial": 7,
        "started_at": f"2021-03-15T08:{seq // 60 % 60:02}:{seq % 60:02}.000+08:00",
        "duration_ms": 8000,
        "result": "completed",
        **more,
    }


def body(*found, run="r1", lost=None):
    batch = {"run": run, "plays": list(found)}
    if lost is not None:
        batch["lost"] = lost
    return json.dumps(batch, ensure_ascii=False).encode()


def summarize(acknowledged):
    return (
        acknowledged.acknowledged_through,
        acknowledged.stored,
        acknowledged.duplicates,
        [r.seq for r in acknowledged.rejected],
    )


def list_gap_names(store, screen="taxi-0001", run="r1"):
    with store.read() as connection:
        found = plays.find_run(connection, screen, run)
        return [(g.first, g.last, g.why) for g in gaps.list_gaps(connection, found.id, found.settled_through)]


def test_an_unreadable_play_does_not_block_later_ones(intake, store):
    mixed = body(
        play(1),
        play(2, started_at="yesterday"),
        play(3, item="gone-long-ago", sha256="0" * 64),
        play(4, started_at="2021-03-15T08:00:16.000"),
        play(5, duration_ms=-1),
        play(6),
        run="",
    )
    assert summarize(intake.submit("taxi-0001", mixed)) == (6, 3, 0, [2, 4, 5])
    assert summarize(intake.submit("taxi-0001", mixed)) == (6, 0, 3, [2, 4, 5])
    assert summarize(intake.submit("taxi-0001", body(play(1), play(6), run=""))) == (6, 0, 2, [])
    assert summarize(intake.submit("taxi-0001", b'{"plays":[]}')) == (6, 0, 0, [])
    other = play(1, started_at="2021-03-16T09:00:00.000+08:00", duration_ms=5000)
    assert summarize(intake.submit("taxi-0001", body(other, run=""))) == (6, 0, 0, [1])
    assert list_gap_names(store, run="") == [(2, 2, "rejected"), (4, 5, "rejected")]
    with store.read() as connection:
        run = plays.find_run(connection, "taxi-0001", "")
        kept = gaps.list_rejected_records(connection, run.id)
        assert [k.seq for k in kept] == [2, 4, 5, 1]
        assert json.loads(kept[0].bytes)["started_at"] == "yesterday"
        assert json.loads(kept[3].bytes) == other
        assert [p.seq for p in plays.iter_plays(connection, run)] == [1, 3, 6]


@pytest.mark.parametrize(
    "unreadable",
    [
        b'{"plays":[',
        b"",
        b"[]",
        b"{}",
        b"null",
        b'{"plays":{}}',
        b'{"plays":[],"run":5}',
        b'{"plays":[],"run":null}',
        b"\xff\xfe",
        b'{"plays":' + b"[" * 5000 + b"]" * 5000 + b"}",
        b'{"plays":[],"lost":7}',
        b'{"plays":[],"run":"' + b"r" * 300 + b'"}',
    ],
)
def test_a_body_that_is_not_a_batch_is_refused_as_a_whole(intake, store, unreadable):
    with pytest.raises(Refused):
        intake.submit("taxi-0001", unreadable)
    with store.read() as connection:
        assert plays.list_runs(connection) == []


@pytest.mark.parametrize(
    ("change", "taken"),
    [
        ({"item": "unknown/item"}, True),
        ({"started_at": "2999-01-01T00:00:00Z"}, True),
        ({"started_at": "1970-01-01T00:00:05+00:00"}, True),
        ({"started_at": "2016-12-31T23:59:60Z"}, True),
        ({"started_at": "2021-03-15t08:00:00.123456789z"}, True),
        ({"serial": 0}, True),
        ({"serial": -4}, True),
        ({"duration_ms": 0}, True),
        ({"more": [1, {"x": None}]}, True),
        ({"item": ""}, True),
        ({"sha256": "not hex"}, True),
        ({"item": None}, False),
        ({"item": 5}, False),
        ({"serial": "7"}, False),
        ({"serial": True}, False),
        ({"serial": 1 << 70}, False),
        ({"duration_ms": 1.5}, False),
        ({"duration_ms": None}, False),
        ({"duration_ms": 1e300}, False),
        ({"result": "done"}, False),
        ({"started_at": 1615766400}, False),
        ({"started_at": "2021-02-30T00:00:00Z"}, False),
        ({"started_at": "2021-03-15"}, False),
        ({"started_at": ""}, False),
        ({"started_at": "2021-03-15T08:00:00"}, False),
    ],
)
def test_only_unreadable_records_are_rejected(intake, change, taken):
    assert summarize(intake.submit("taxi-0001", body(play(1, **change), play(2)))) == (
        (2, 2, 0, []) if taken else (2, 1, 0, [1])
    )


def test_a_record_without_a_number_is_stored_and_settles_nothing(intake, store):
    got = intake.submit("taxi-0001", b'{"run":"r1","plays":[{"seq":"1"},7,null,{"seq":-1},{"seq":1.5}],"lost":[[3,2]]}')
    assert summarize(got) == (0, 0, 0, [None] * 6)
    assert list_gap_names(store) == []


def test_limits(intake):
    with pytest.raises(Refused, match="plays-too-many"):
        intake.submit("taxi-0001", body(*(play(n) for n in range(1, 1002))))
    with pytest.raises(Refused, match="plays-too-large"):
        intake.submit("taxi-0001", b" " * (1 << 20) + b"{}")
    assert summarize(intake.submit("taxi-0001", body(*(play(n) for n in range(1, 1001)))))[:2] == (1000, 1000)


def test_a_number_twice_in_one_batch(intake):
    assert summarize(intake.submit("taxi-0001", body(play(1), play(1), play(1, item="other")))) == (1, 1, 1, [1])


def test_a_lost_play_that_is_received_later_is_stored(intake, store):
    assert summarize(intake.submit("taxi-0001", body(play(1), lost=[[2, 4]]))) == (4, 1, 0, [])
    assert list_gap_names(store) == [(2, 4, "lost")]
    assert summarize(intake.submit("taxi-0001", body(play(3)))) == (4, 1, 0, [])
    assert list_gap_names(store) == [(2, 2, "lost"), (4, 4, "lost")]


def test_a_reinstalled_player_begins_a_new_run(intake):
    intake.submit("taxi-0001", body(play(1), play(2)))
    assert summarize(intake.submit("taxi-0001", body(play(1, item="new"), run="r2"))) == (1, 1, 0, [])
    assert summarize(intake.submit("taxi-0002", body(play(1), run="r1"))) == (1, 1, 0, [])


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_order_loss_and_resend_settles_exactly_what_came(tmp_path_factory, data):
    store = Store(tmp_path_factory.mktemp("settle") / "signage.db")
    with store.write() as connection:
        metadata.create_all(connection)
    intake = PlayIngest(store, FixedClock())
    settled, stored, lost_ever = set(), set(), set()
    for _ in range(data.draw(st.integers(1, 8))):
        seqs = data.draw(st.lists(st.integers(1, 40), max_size=12))
        lost = data.draw(st.lists(st.tuples(st.integers(1, 40), st.integers(0, 5)), max_size=2))
        spans = [[first, first + more] for first, more in lost]
        got = intake.submit("taxi-0001", body(*map(play, seqs), lost=spans))
        fresh = set(seqs) - stored
        stored |= fresh
        lost_ever |= {n for first, last in spans for n in range(first, last + 1)}
        settled |= set(seqs) | lost_ever
        through = next(n for n in range(60) if n + 1 not in settled)
        assert summarize(got) == (through, len(fresh), len(seqs) - len(fresh), [])
    found = {n: why for first, last, why in list_gap_names(store) for n in range(first, last + 1)}
    expected = {n: "missing" for n in range(1, max(settled, default=0)) if n not in settled}
    expected |= dict.fromkeys(lost_ever - stored, "lost")
    assert found == expected
    intake.close()
    store.close()


class FixedClock:
    def now(self):
        import datetime as dt

        return dt.datetime(2021, 3, 15, 1, tzinfo=dt.UTC)

    def monotonic(self):
        return 0.0


def test_concurrent_screens_get_their_own_acknowledgements(intake, store):
    wrong = []

    def screen(number):
        order = list(range(1, 101))
        random.Random(number).shuffle(order)
        for start in range(0, 100, 10):
            part = order[start : start + 10]
            for _ in range(2):
                got = intake.submit(f"taxi-{number:04}", body(*map(play, part)))
            if got.stored or got.duplicates != 10:
                wrong.append(got)
        if got.acknowledged_through != 100:
            wrong.append(got)

    threads = [threading.Thread(target=screen, args=(n,)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    with store.read() as connection:
        assert plays.count_runs_and_plays(connection) == (12, 1200)


def test_a_failing_database_acknowledges_nothing_and_the_next_batch_succeeds(intake, store, monkeypatch):
    real = store.write

    def broken():
        raise OSError("no space left on device")

    monkeypatch.setattr(store, "write", broken)
    with pytest.raises(OSError, match="no space"):
        intake.submit("taxi-0001", body(play(1)))
    monkeypatch.setattr(store, "write", real)
    assert summarize(intake.submit("taxi-0001", body(play(1)))) == (1, 1, 0, [])


def test_a_batch_that_raises_an_error_fails_alone(store, clock, monkeypatch):
    from signage.evidence import play_ingest as module

    real = module.store_batch

    def settle(connection, screen, *rest):
        if screen == "odd":
            raise ValueError("odd")
        return real(connection, screen, *rest)

    monkeypatch.setattr(module, "store_batch", settle)
    intake = PlayIngest(store, clock)
    results = {}

    def send(screen):
        try:
            results[screen] = summarize(intake.submit(screen, body(play(1))))
        except ValueError as error:
            results[screen] = str(error)

    with store.write():
        threads = [threading.Thread(target=send, args=(s,)) for s in ("a", "odd", "b")]
        for thread in threads:
            thread.start()
    for thread in threads:
        thread.join()
    assert results == {"a": (1, 1, 0, []), "odd": "odd", "b": (1, 1, 0, [])}
    intake.close()


def test_a_closed_ingest_refuses_batches(intake):
    intake.submit("taxi-0001", body(play(1)))
    intake.close()
    with pytest.raises(IngestClosedError):
        intake.submit("taxi-0001", body(play(2)))


def test_the_acknowledgement_has_the_keys_of_the_contract(intake):
    got = msgspec.json.encode(intake.submit("taxi-0001", body(play(1), play(2, duration_ms=-1))))
    assert json.loads(got) == {
        "acknowledged_through": 2,
        "stored": 1,
        "duplicates": 0,
        "rejected": [{"seq": 2, "why": "`duration_ms` is not a whole number of at least 0: -1."}],
    }
