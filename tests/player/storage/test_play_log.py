"""The play log: no play lost, none duplicated, whatever happens to the player, the disk or the server."""

import errno
import json
import os
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signage.player.settings import PlayerConfig
from signage.player.storage.disk import Disk
from signage.player.storage.play_log import SEGMENT_BYTES, FinishedPlay, PlayLog
from signage.protocol.plays import PlayAcknowledgement
from tests.support.player_harness import NOON, LimitedDisk, PlayerHarness
from tests.support.screen_server import ScreenServer, create_png


def shown(n: int = 0, item: str = "c/i") -> FinishedPlay:
    return FinishedPlay(item, "ab" * 32, 7, NOON + timedelta(seconds=n), 1000, "completed")


def store(folder: Path, disk: Disk | None = None, most: int = 1 << 20) -> PlayLog:
    return PlayLog(folder / "plays", disk or LimitedDisk(), most)


def acknowledged(through: int) -> PlayAcknowledgement:
    return PlayAcknowledgement(through, 0, 0, ())


def sent(plays: PlayLog) -> dict:
    batch = plays.get_next_batch()
    return json.loads(batch.body) if batch else {"plays": [], "lost": []}


def numbers(plays: PlayLog) -> list[int]:
    return [p["seq"] for p in sent(plays)["plays"]]


def test_plays_are_numbered_from_one_and_deleted_when_acknowledged(tmp_path):
    plays = store(tmp_path)
    assert plays.get_next_batch() is None
    for n in range(5):
        plays.add_play(shown(n))
    assert numbers(plays) == [1, 2, 3, 4, 5]
    assert numbers(plays) == [1, 2, 3, 4, 5]
    assert plays.acknowledge(acknowledged(3))
    assert numbers(plays) == [4, 5]
    plays.acknowledge(acknowledged(5))
    assert plays.get_next_batch() is None and plays.count_unacknowledged() == 0


def test_a_restart_continues_run_and_numbers(tmp_path):
    plays = store(tmp_path)
    plays.add_play(shown())
    run = plays.run_id
    again = store(tmp_path)  # without close: the process was killed
    assert again.run_id == run
    again.add_play(shown(1))
    assert numbers(again) == [1, 2]


def test_a_torn_last_line_is_cut_off_and_its_number_reused(tmp_path):
    plays = store(tmp_path)
    for n in range(3):
        plays.add_play(shown(n))
    plays.close()
    path = next((tmp_path / "plays").glob("*.plays"))
    whole = path.read_bytes()
    for cut in range(1, 60):
        path.write_bytes(whole[:-cut])
        again = store(tmp_path)
        assert numbers(again) == [1, 2]
        again.add_play(shown(9))
        assert [p["started_at"][-18:] for p in sent(again)["plays"]][-1].startswith("04:00:09")
        again.close()
        path.write_bytes(whole)


def test_corrupted_lines_in_the_middle_are_reported_as_lost(tmp_path):
    plays = store(tmp_path)
    for n in range(5):
        plays.add_play(shown(n))
    plays.close()
    path = next((tmp_path / "plays").glob("*.plays"))
    lines = path.read_bytes().splitlines(keepends=True)
    lines[2] = lines[2].replace(b"completed", b"comqleted")
    path.write_bytes(b"".join(lines))
    body = sent(store(tmp_path))
    assert [p["seq"] for p in body["plays"]] == [1, 2, 4, 5] and body["lost"] == [[3, 3]]


def test_beyond_the_limit_the_oldest_plays_are_dropped_and_reported(tmp_path):
    plays = store(tmp_path, most=3 * SEGMENT_BYTES)
    for n in range(3000):
        plays.add_play(shown(n))
    body = sent(plays)
    (first, last), *more = body["lost"]
    assert not more and first == 1 and body["plays"][0]["seq"] == last + 1
    plays.close()
    assert sent(store(tmp_path, most=3 * SEGMENT_BYTES))["lost"] == [[1, last]]


def test_at_most_a_thousand_plays_a_batch(tmp_path):
    plays = store(tmp_path, most=4 << 20)
    for n in range(2500):
        plays.add_play(shown(n, "活动/标语" * 8))
    sizes, through = [], 0
    while (batch := plays.get_next_batch()) is not None:
        assert len(batch.body) <= 1 << 20
        sizes.append(batch.plays)
        through = batch.last
        plays.acknowledge(acknowledged(through))
    assert sum(sizes) == 2500 and max(sizes) <= 1000 and through == 2500
    assert len(list((tmp_path / "plays").glob("*.plays"))) <= 1


def test_plays_deleted_after_acknowledgement_are_not_reported_as_lost(tmp_path):
    plays = store(tmp_path)
    for n in range(1000):
        plays.add_play(shown(n))
    plays.acknowledge(acknowledged(1000))
    plays.close()
    again = store(tmp_path)
    again.add_play(shown(1))
    body = sent(again)
    assert not body.get("lost") and body["plays"][-1]["seq"] == 1001


def test_a_server_restored_from_a_backup_gets_the_lost_numbers(tmp_path):
    plays = store(tmp_path)
    for n in range(1000):
        plays.add_play(shown(n))
    plays.acknowledge(acknowledged(1000))
    plays.add_play(shown())
    assert numbers(plays) == [1001]
    plays.acknowledge(acknowledged(600))
    body = sent(plays)
    kept = {p["seq"] for p in body["plays"]}
    lost = {n for a, b in body["lost"] for n in range(a, b + 1)}
    assert kept | lost == set(range(601, 1002)) and not kept & lost


def test_an_acknowledgement_beyond_the_sent_plays_deletes_nothing_unsent(tmp_path):
    plays = store(tmp_path)
    plays.add_play(shown())
    plays.acknowledge(acknowledged(10**9))
    plays.add_play(shown(1))
    assert numbers(plays) == [2]


def test_a_full_disk_uses_the_ballast_then_memory_and_recovers(tmp_path):
    disk = LimitedDisk()
    plays = store(tmp_path, disk)
    plays.add_play(shown())
    disk.free = 40
    assert not plays.add_play(shown(1))
    assert not (tmp_path / "plays" / "ballast").exists()
    assert not plays.add_play(shown(2))
    assert numbers(plays) == [1]
    disk.free = 1 << 20
    assert plays.add_play(shown(3))
    assert numbers(plays) == [1, 2, 3, 4]
    plays.close()
    assert numbers(store(tmp_path)) == [1, 2, 3, 4]


def test_a_player_starts_on_a_disk_with_an_exhausted_quota(tmp_path):
    store(tmp_path).add_play(shown())
    (tmp_path / "plays" / "ballast").unlink()
    disk = LimitedDisk(room=100)
    disk.reports_free_space = False
    again = store(tmp_path, disk)
    assert numbers(again) == [1]
    assert sorted(p.suffix for p in (tmp_path / "plays").iterdir()) == ["", ".plays"]


def test_numbers_are_durable_before_they_are_sent(tmp_path):
    disk = Watched()
    plays = store(tmp_path, disk)
    plays.add_play(shown())
    disk.synced = 0
    plays.get_next_batch()
    assert disk.synced == 1
    plays.get_next_batch()
    assert disk.synced == 1


class Watched(LimitedDisk):
    """Counts syncs; another thread runs *meanwhile* during the next one."""

    def __init__(self):
        super().__init__()
        self.synced = 0
        self.meanwhile = None

    def sync(self, descriptor):
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile:
            meanwhile()
        self.synced += 1


def test_a_sync_in_progress_does_not_count_as_done(tmp_path):
    disk = Watched()
    plays = store(tmp_path, disk)
    plays.add_play(shown())
    disk.synced = 0

    def send():
        assert plays.get_next_batch() and disk.synced == 1

    disk.meanwhile = send
    plays.sync()
    assert disk.synced == 2


def test_lines_of_an_earlier_process_are_durable_before_they_are_sent(tmp_path):
    store(tmp_path).add_play(shown())  # killed before it was synced
    disk = Watched()
    again = store(tmp_path, disk)
    assert disk.synced == 0
    assert again.get_next_batch() and disk.synced == 1
    assert again.get_next_batch() and disk.synced == 1


def test_numbers_dropped_in_memory_are_reported_once_a_later_one_is_on_disk(tmp_path, monkeypatch):
    monkeypatch.setattr("signage.player.storage.play_log.MAX_UNWRITTEN", 2)
    disk = LimitedDisk()
    plays = store(tmp_path, disk)
    plays.add_play(shown())
    disk.free = 0
    for n in range(1, 6):
        plays.add_play(shown(n))
    assert numbers(plays) == [1] and not sent(plays).get("lost")  # killed now, it would reuse these numbers
    disk.free = 1 << 20
    assert plays.add_play(shown(6))
    again = store(tmp_path)
    for each in (plays, again):
        assert numbers(each) == [1, 6, 7] and sent(each)["lost"] == [[2, 5]]


def test_a_failing_disk_is_not_mistaken_for_a_full_one(tmp_path, monkeypatch):
    monkeypatch.setattr("signage.player.storage.play_log.SEGMENT_BYTES", 900)

    class Failing(LimitedDisk):
        fails = False

        def write(self, descriptor, data):
            if self.fails:
                raise OSError(errno.EIO, "Input/output error")
            super().write(descriptor, data)

    disk = Failing()
    plays = store(tmp_path, disk)
    for n in range(20):
        plays.add_play(shown(n))
    disk.fails = True
    assert not plays.add_play(shown(20))
    disk.fails = False
    assert plays.add_play(shown(21))
    assert numbers(plays) == list(range(1, 23)) and not sent(plays).get("lost")


def test_a_partial_line_that_cannot_be_removed_corrupts_no_other(tmp_path, monkeypatch):
    disk = LimitedDisk()
    plays = store(tmp_path, disk)
    plays.add_play(shown())
    (tmp_path / "plays" / "ballast").unlink()
    disk.free = 40
    with monkeypatch.context() as patch:
        patch.setattr(os, "ftruncate", lambda *_: exec("raise OSError(5, 'Input/output error')"))
        assert not plays.add_play(shown(1))
    disk.free = 1 << 20
    assert plays.add_play(shown(2))
    assert numbers(plays) == numbers(store(tmp_path)) == [1, 2, 3]


@settings(max_examples=100)
@given(st.lists(st.sampled_from(["add", "send", "half", "kill", "tear", "set back"]), max_size=60))
def test_the_server_gets_each_number_once_whatever_happens(tmp_path_factory, happenings):
    folder = tmp_path_factory.mktemp("plays")
    plays = store(folder)
    server = ScreenServer()
    n = 0
    for what in [*happenings, "send", "send"]:
        if what == "add":
            for _ in range(7):
                plays.add_play(shown(n := n + 1, f"c/{n}"))
        elif what == "send" and (batch := plays.get_next_batch()):
            plays.acknowledge(acknowledged(server.store_plays(batch.body)["acknowledged_through"]))
        elif what == "half" and (batch := plays.get_next_batch()):
            server.store_plays(batch.body)  # the acknowledgement is lost
        elif what == "kill":
            plays = store(folder)
        elif what == "tear":
            files = sorted((folder / "plays").glob("*.plays"))
            if files and plays.count_unacknowledged() == 0:
                with files[-1].open("ab") as file:
                    file.write(b"01234567 {half a li")
            plays = store(folder)
        elif what == "set back" and server.plays:
            server.plays.pop(max(server.plays))
    while batch := plays.get_next_batch():
        if not plays.acknowledge(acknowledged(server.store_plays(batch.body)["acknowledged_through"])):
            break
    assert not server.conflicts
    settled = {seq for _, seq in server.plays} | {x for _, a, b in server.lost for x in range(a, b + 1)}
    assert settled == set(range(1, len(settled) + 1))
    if "set back" not in happenings:
        assert len(server.plays) == n


def test_plays_made_offline_arrive_once_each(tmp_path):
    with ScreenServer() as server:
        red = create_png((255, 0, 0))
        server.serve_playlist({"c/red": (red, 1000)}, begin=NOON - timedelta(hours=1))
        bench = PlayerHarness(tmp_path / "cache", server.url)
        server.clock = bench.time_source.now
        bench.poll_and_download()
        bench.play(2)
        refused = [True]
        server.intercept = lambda handler: refused and not handler.send_answer(502)
        bench.play(60)
        assert not bench.player.reporter.send_plays()
        assert bench.list_faults() == ["plays-not-taken 502"]
        refused.clear()
        assert bench.player.reporter.send_plays()
        assert len({p["started_at"] for p in server.plays.values()}) == len(server.plays) == 62
        assert not server.conflicts
        assert bench.list_faults() == []
        bench.close()


@pytest.mark.slow
def test_plays_of_three_days_offline_arrive_completely(tmp_path):
    with ScreenServer() as server:
        items = {"c/red": (create_png((255, 0, 0)), 8000), "c/green": (create_png((0, 255, 0)), 8000)}
        server.serve_playlist(items, begin=NOON - timedelta(hours=1), days=7)
        bench = PlayerHarness(tmp_path / "cache", server.url, plays_bytes=PlayerConfig("", Path()).plays_bytes)
        server.clock = bench.time_source.now
        bench.poll_and_download()
        bench.play(1)
        server.intercept = lambda handler: not handler.send_answer(502)
        slots = 72 * 3600 // 8
        bench.play(slots * 8, step_s=8)
        assert bench.player.play_log.count_unacknowledged() in (slots, slots + 1)
        assert not bench.player.reporter.send_plays()
        bench.close()
        bench = PlayerHarness(
            tmp_path / "cache", server.url, time_source=bench.time_source
        )  # it was off for a moment meanwhile
        server.intercept = lambda handler: False
        for _ in range(slots // 1000 + 2):
            bench.player.reporter.send_plays()
        assert bench.player.play_log.count_unacknowledged() == 0
        told = [server.plays[key] for key in sorted(server.plays)]
        assert [p["seq"] for p in told] == list(range(1, len(told) + 1)) and len(told) >= slots
        assert len({p["started_at"] for p in told}) == len(told)
        assert not server.conflicts and not server.lost
        assert {p["result"] for p in told[1:-1]} == {"completed"}
        bench.close()


def test_a_batch_too_large_for_the_server_is_halved(tmp_path):
    with ScreenServer() as server:
        bench = PlayerHarness(tmp_path / "cache", server.url)
        for n in range(40):
            bench.player.play_log.add_play(shown(n))

        def spoil(handler):
            if handler.path.endswith("/plays") and len(json.loads(handler.body)["plays"]) > 10:
                handler.send_answer(413)
                return True
            return False

        server.intercept = spoil
        assert bench.player.reporter.send_plays()
        assert len(server.plays) == 40
        bench.close()


@pytest.mark.parametrize("answer", [b"", b"{}", b"[1]", b'{"acknowledged_through":"x"}'])
def test_a_malformed_acknowledgement_deletes_nothing(tmp_path, answer):
    with ScreenServer() as server:
        bench = PlayerHarness(tmp_path / "cache", server.url)
        bench.player.play_log.add_play(shown())
        server.intercept = lambda handler: not handler.send_answer(200, answer)
        assert not bench.player.reporter.send_plays()
        assert bench.player.play_log.count_unacknowledged() == 1
        bench.close()
