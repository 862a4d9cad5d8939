"""The play log when the player is killed or the power is cut at every single disk operation.

A step is a system call that changes the disk. After a kill the disk has what the system was given; after a power cut
it has what was synced, and perhaps part of the rest. After it nothing reaches the disk until the next process starts.
"""

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import signage.player.storage.play_log
from signage.player.storage.disk import Disk
from signage.player.storage.play_log import FinishedPlay, PlayLog
from signage.protocol.plays import PlayAcknowledgement
from tests.support.player_harness import NOON
from tests.support.screen_server import ScreenServer

STEPS = ("open", "write", "fsync", "ftruncate", "truncate", "unlink", "rename", "replace")
PLAYS = 20


class Ended(BaseException):
    """Ends the process. No ``except`` of the player may catch it."""


class Machine:
    """Counts disk operations and ends the process at one of them, in the middle of a write."""

    def __init__(self) -> None:
        self.steps = 0
        self.last: int | None = None
        self.error: int | None = None
        self.ended = False
        self.names: dict[int, str] = {}
        self.synced: dict[str, bytes] = {}

    def patch(self, patch: pytest.MonkeyPatch) -> None:
        for name in STEPS:
            patch.setattr(os, name, self.step(name, getattr(os, name)))
        dup = os.dup
        patch.setattr(os, "dup", lambda descriptor: self.opened(self.names[descriptor], dup(descriptor)))

    def step(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def stepped(what: Any, *more: Any, **facts: Any) -> Any:
            if self.ended:
                raise Ended
            if name == "open" and not more[0] & os.O_CREAT:
                return self.opened(what, real(what, *more, **facts))
            self.steps += 1
            if self.steps == self.last:
                if name == "write":
                    real(what, bytes(more[0])[: len(more[0]) // 2])
                if self.error:
                    raise OSError(self.error, os.strerror(self.error))
                self.ended = True
                raise Ended
            done = None if name == "fsync" else real(what, *more, **facts)
            if name == "open":
                return self.opened(what, done)
            if name == "fsync" and Path(self.names[what]).is_file():
                self.synced[self.names[what]] = Path(self.names[what]).read_bytes()
            if name == "replace":
                self.synced[str(more[0])] = self.synced.pop(str(what), b"")
            return done

        return stepped

    def opened(self, path: Any, descriptor: int) -> int:
        self.names[descriptor] = str(path)
        return descriptor

    @contextmanager
    def life(self, last: int | None) -> Iterator[None]:
        """Run a process that ends at its step *last*, if it gets so far."""
        self.steps, self.last, self.ended = 0, last, False
        with suppress(Ended):
            yield
        self.ended, self.last = False, None

    def cut_power(self, folder: Path, kept: float) -> None:
        """Keep a prefix, or nothing, of what was not synced."""
        for path in folder.glob("*.plays"):
            now, sure = path.read_bytes(), self.synced.get(str(path), b"")
            if now.startswith(sure):
                path.write_bytes(sure + now[len(sure) :][: int((len(now) - len(sure)) * kept)])


class Roof:
    """The plays of one player over several processes, and what its panel showed meanwhile."""

    def __init__(self, folder: Path, machine: Machine) -> None:
        self.folder, self.machine = folder / "plays", machine
        self.server = ScreenServer()
        self.turn = 0
        self.over: set[int] = set()

    def live(self, plays: int) -> None:
        """Send pending plays, show so many slots; now and then sync, send, and lose the acknowledgement."""
        store = self.opened()
        self.send(store)
        waiting: list[int] = []
        for _ in range(plays):
            self.turn += 1
            begun = NOON + timedelta(seconds=self.turn)
            waiting.append(self.turn)
            if store.add_play(FinishedPlay(f"c/{self.turn}", "ab" * 32, 7, begun, 1000, "completed")):
                self.over.update(waiting)  # only now the next image is shown
                waiting.clear()
            if self.turn % 3 == 0:
                with suppress(OSError):
                    store.sync()
            if self.turn % 5 == 0:
                self.send(store, settle=self.turn % 10 == 0)

    def opened(self) -> PlayLog:
        """Open the play log in a new process; retry if the process dies at its start."""
        for _ in range(3):
            with suppress(OSError):
                return PlayLog(self.folder, Disk(), 1 << 20)
        raise AssertionError

    def send(self, store: PlayLog, *, settle: bool = False) -> None:
        with suppress(OSError):
            if batch := store.get_next_batch():
                through = self.server.store_plays(batch.body)["acknowledged_through"]
                if settle:
                    store.acknowledge(PlayAcknowledgement(through, 0, 0, ()))

    def tell_all(self) -> None:
        store = PlayLog(self.folder, Disk(), 1 << 20)
        while batch := store.get_next_batch():
            through = self.server.store_plays(batch.body)["acknowledged_through"]
            assert store.acknowledge(PlayAcknowledgement(through, 0, 0, ()))
        assert store.count_unacknowledged() == 0

    def told(self) -> list[int]:
        return [int(play["item"].removeprefix("c/")) for _, play in sorted(self.server.plays.items())]

    def check(self, *, power: bool = False) -> None:
        assert not self.server.conflicts, "a number was used twice"
        assert not self.server.lost
        assert len({run for run, _ in self.server.plays}) <= 1
        told = self.told()
        assert told == sorted(set(told)), "a turn was told twice"
        assert sorted(seq for _, seq in self.server.plays) == list(range(1, len(told) + 1))
        if not power:
            assert self.over <= set(told), "a turn that was over was not told"


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    monkeypatch.setattr(signage.player.storage.play_log, "SEGMENT_BYTES", 900)  # a handful of plays per segment
    made = Machine()
    made.patch(monkeypatch)
    return made


def steps_of_a_life(folder: Path, machine: Machine) -> int:
    with machine.life(None):
        Roof(folder, machine).live(PLAYS)
    return machine.steps


def test_a_kill_at_any_step_loses_and_duplicates_no_completed_play(tmp_path, machine):
    every = steps_of_a_life(tmp_path / "count", machine)
    assert every > 60
    for last in range(1, every + 1):
        roof = Roof(tmp_path / str(last), machine)
        with machine.life(last):
            roof.live(PLAYS)
        roof.live(4)
        roof.tell_all()
        roof.check()


@pytest.mark.parametrize("kept", [0.0, 0.6])
def test_a_power_cut_at_any_step_reuses_no_number(tmp_path, machine, kept):
    for last in range(1, steps_of_a_life(tmp_path / "count", machine) + 1):
        roof = Roof(tmp_path / str(last), machine)
        with machine.life(last):
            roof.live(PLAYS)
        machine.cut_power(roof.folder, kept)
        roof.live(4)
        roof.tell_all()
        roof.check(power=True)


@pytest.mark.parametrize("error", [errno.EIO, errno.ENOSPC])
def test_one_failing_disk_operation_loses_nothing(tmp_path, machine, error):
    every = steps_of_a_life(tmp_path / "count", machine)
    machine.error = error
    for last in range(1, every + 1):
        roof = Roof(tmp_path / str(last), machine)
        with machine.life(last):
            roof.live(PLAYS)
        roof.tell_all()
        roof.check()


LIVES = st.lists(st.tuples(st.integers(1, 90), st.sampled_from(["kill", "cut"])), max_size=6)


@settings(max_examples=150)
@given(LIVES, st.floats(0, 1))
def test_any_number_of_crashes_at_start_loses_nothing(tmp_path_factory, lives, kept):
    folder = tmp_path_factory.mktemp("lives")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(signage.player.storage.play_log, "SEGMENT_BYTES", 900)
        machine = Machine()
        machine.patch(patch)
        roof = Roof(folder, machine)
        for last, how in lives:
            with machine.life(last):
                roof.live(PLAYS)
            if how == "cut" and roof.folder.is_dir():
                machine.cut_power(roof.folder, kept)
        with machine.life(None):
            roof.tell_all()
        roof.check(power=any(how == "cut" for _, how in lives))
    shutil.rmtree(folder)
