"""Unreliable lines and a killed server: no acknowledged play is lost or counted twice."""

import json
import random
import subprocess
import sys
import textwrap
import time

import pytest

from signage.evidence.play_ingest import PlayIngest
from signage.store.plays import plays
from tests.evidence.builders import create_body, create_play
from tests.evidence.test_play_ingest import list_gap_names

SERVER = textwrap.dedent(
    """
    import json, sys, threading
    from pathlib import Path
    from signage.clock import SystemClock
    from signage.evidence.play_ingest import PlayIngest
    from signage.store.engine import Store

    intake = PlayIngest(Store(Path(sys.argv[1])), SystemClock())

    def summarize(line):
        screen, batch = json.loads(line)
        got = intake.submit(screen, json.dumps(batch).encode())
        sys.stdout.write(json.dumps([screen, batch["plays"][-1]["seq"], got.acknowledged_through]) + "\\n")
        sys.stdout.flush()

    print("ready", flush=True)
    for line in sys.stdin:
        threading.Thread(target=summarize, args=(line,)).start()
    """
)


@pytest.mark.slow
def test_acknowledged_plays_survive_kill_9(store, tmp_path):
    chance = random.Random(8)
    acknowledged = {f"taxi-{n:04}": 0 for n in range(8)}
    for _ in range(6):
        server = subprocess.Popen(
            [sys.executable, "-c", SERVER, str(store.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert server.stdout.readline() == "ready\n"
        for _ in range(12):
            for screen, through in acknowledged.items():
                batch = {"run": "r1", "plays": [create_play(through + n) for n in range(1, 41)]}
                server.stdin.write(json.dumps([screen, batch]) + "\n")
        server.stdin.flush()
        time.sleep(chance.uniform(0.02, 0.3))
        server.kill()
        for line in server.stdout:
            if line.endswith("\n"):
                screen, _last, through = json.loads(line)
                acknowledged[screen] = max(acknowledged[screen], through)
        server.wait()
    with store.read() as connection:
        for screen, through in acknowledged.items():
            run = plays.find_run(connection, screen, "r1")
            seqs = [] if run is None else [p.seq for p in plays.iter_plays(connection, run)]
            assert seqs == list(range(1, len(seqs) + 1)) and len(seqs) >= through
    assert max(acknowledged.values()) > 0


@pytest.mark.slow
def test_an_unreliable_line_loses_and_doubles_nothing_and_gaps_are_listed(store, clock):
    chance = random.Random(315)
    intake = PlayIngest(store, clock)
    for number in range(40):
        screen = f"taxi-{number:04}"
        shown = list(range(1, 401))
        never = set(chance.sample(shown[10:-10], 25))  # made gaps: lost on the player without a word
        waiting = [seq for seq in shown if seq not in never]
        through = 0
        while waiting:
            batch = waiting[: chance.choice([1, 30, 60])]
            if chance.random() < 0.2:
                batch = chance.sample(waiting, min(len(waiting), 20))
            chance.shuffle(batch)
            for _ in range(chance.choice([1, 1, 2])):  # list_doubled_screens on the way
                if chance.random() < 0.3:
                    continue  # lost on the way there
                summarize = intake.submit(screen, create_body(*map(create_play, batch)))
                assert summarize.rejected == ()
                if chance.random() < 0.3:
                    continue  # lost on the way back
                through = max(through, summarize.acknowledged_through)
                waiting = [seq for seq in waiting if seq not in set(batch)]
        with store.read() as connection:
            run = plays.find_run(connection, screen, "r1")
            assert [p.seq for p in plays.iter_plays(connection, run)] == [s for s in shown if s not in never]
        named = {
            n for first, last, why in list_gap_names(store, screen) for n in range(first, last + 1) if why == "missing"
        }
        assert named == never
    intake.close()
