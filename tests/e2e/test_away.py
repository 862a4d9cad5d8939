"""A thousand screens back after 72 hours, over a bad line to a server that is killed: the evidence is whole.

``SIGNAGE_AWAY_PLAYS``: how many plays each has stored (from one in 36 minutes on); ``SIGNAGE_AWAY_SCREENS``: how many.
"""

import asyncio
import csv
import json
import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
import requests

from tests.support.unreliable_proxy import UnreliableProxy, post

SCREENS = int(os.environ.get("SIGNAGE_AWAY_SCREENS", "1000"))
PLAYS = int(os.environ.get("SIGNAGE_AWAY_PLAYS", "120"))
KILLS = 4
AWAY = timedelta(hours=72)
AT_ONCE = 64
CAUSES = ("missing", "lost", "rejected")


@dataclass
class Run:
    """What one store of a player holds, and what became of the rest: a gap of a few numbers."""

    screen: str
    token: str
    name: str
    plays: int
    gap: tuple[int, int] | None
    why: str
    began: datetime
    waiting: list[int] = field(init=False)
    through: int = 0

    def __post_init__(self) -> None:
        kept = set() if self.why == "rejected" else self.in_gap
        self.waiting = [seq for seq in range(1, self.plays + 1) if seq not in kept]

    @property
    def in_gap(self) -> set[int]:
        return set() if self.gap is None else set(range(self.gap[0], self.gap[1] + 1))

    def play(self, seq: int) -> dict[str, object]:
        at = self.began + (seq - 1) * AWAY / self.plays
        broken = self.why == "rejected" and seq in self.in_gap
        return {
            "seq": seq,
            "item": f"315-2021/slogan-{seq % 10 + 1:02}",
            "sha256": f"{seq:064x}",
            "serial": 1,
            "started_at": at.isoformat(timespec="milliseconds"),
            "duration_ms": "eight" if broken else 8000,
            "result": "completed",
        }

    def body(self, seqs: list[int]) -> bytes:
        lost = {"lost": [list(self.gap)]} if self.why == "lost" and self.gap else {}
        return json.dumps({"run": self.name, "plays": [self.play(seq) for seq in seqs], **lost}).encode()


def stores(tokens: dict[str, str], chance: random.Random) -> list[Run]:
    """A gap in each screen's numbers; one player in ten was installed anew at the end of it."""
    found: list[Run] = []
    began = datetime.now(UTC) - AWAY
    for number, (screen, token) in enumerate(sorted(tokens.items())):
        first = chance.randrange(3, PLAYS - 20)
        gap = (first, first + chance.randrange(12))
        found.append(Run(screen, token, "r1", PLAYS, gap, CAUSES[number % 3], began))
        if number % 10 == 0:
            found.append(Run(screen, token, "r2", PLAYS // 4, None, "", began))
    return found


async def send(run: Run, port: int, line: asyncio.Semaphore, seed: int) -> None:
    """Send until all is acknowledged, two batches at a time, cut anew after each failure."""
    chance = random.Random(seed)
    least, most = min(PLAYS // 3, 200), min(PLAYS, 1000)
    while run.waiting:
        cut = chance.randint(least, most)
        batches = [run.waiting[:cut], run.waiting[cut : cut + most]]
        answers = await asyncio.gather(*(one(run, port, line, seqs) for seqs in batches if seqs))
        settled = {seq for seqs in answers for seq in seqs}
        run.waiting = [seq for seq in run.waiting if seq not in settled]
        if not settled:
            await asyncio.sleep(chance.uniform(0.1, 1))


async def one(run: Run, port: int, line: asyncio.Semaphore, seqs: list[int]) -> list[int]:
    async with line:
        answer = await post(port, "/screen/v1/plays", run.token, run.body(seqs))
    if answer is None:
        return []
    told = json.loads(answer)
    refused = {rejected["seq"] for rejected in told["rejected"]}
    assert refused == (run.in_gap & set(seqs) if run.why == "rejected" else set())
    assert told["stored"] + told["duplicates"] + len(refused) == len(seqs)
    run.through = max(run.through, told["acknowledged_through"])
    return seqs


async def storm(office, runs: list[Run], chance: random.Random) -> Counter[str]:
    """All of them at once, the server killed in between."""
    line = UnreliableProxy(office.port, chance)
    port, at_once = await line.open(), asyncio.Semaphore(AT_ONCE)
    sending = [asyncio.create_task(send(run, port, at_once, n)) for n, run in enumerate(runs)]
    most, killed = sum(len(run.waiting) for run in runs), 0
    while not all(task.done() for task in sending):
        await asyncio.sleep(0.1)
        if killed < KILLS and sum(len(run.waiting) for run in runs) < most * (1 - (killed + 0.5) / (KILLS + 0.5)):
            await asyncio.sleep(chance.uniform(0, 1))
            await asyncio.to_thread(office.kill)
            await asyncio.to_thread(office.start)
            killed += 1
    await asyncio.gather(*sending)
    await line.close()
    assert killed == KILLS
    return line.outcomes


def rows(office, bundle) -> Iterator[tuple[tuple[str, str], int, str]]:
    with (office.folder / bundle / "plays.csv").open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            assert row["result"] == "completed"
            yield (row["screen"], row["run"]), int(row["seq"]), row["started_at"]


@pytest.mark.slow
@pytest.mark.timeout(7200)
def test_a_thousand_screens_back_after_three_days_lose_and_double_nothing(install, capsys):
    office = install(campaigns=False)
    names = [f"taxi-{number:04}" for number in range(SCREENS)]
    listed = "id,kind,panel\n" + "".join(f"{name},taxi-roof,taxi-192x64\n" for name in names)
    (office.folder / "screens.csv").write_text(listed, "utf-8")
    made = office.run_json("screens", "import", "screens.csv")["screens"]
    office.run("users", "add", "wang", "--role", "auditor")
    asking = {"Authorization": f"Bearer {office.run_json('tokens', 'add', 'wang')['token']}"}
    office.start()

    chance = random.Random(315)
    runs = stores({one["screen"]: one["token"] for one in made}, chance)
    begin = time.monotonic()
    did = asyncio.run(storm(office, runs, chance))
    spent = time.monotonic() - begin

    for run in runs:
        assert run.through == (run.gap[0] - 1 if run.gap and run.why == "missing" else run.plays)
    named = 0
    for run in (run for run in runs if run.gap is not None):
        answer = requests.get(f"{office.url}/api/v1/screens/{run.screen}/gaps", headers=asking, timeout=30)
        expected = [{"run": run.name, "first": run.gap[0], "last": run.gap[1], "why": run.why}]
        assert answer.json()["gaps"] == expected, run.screen
        named += 1
    office.stop()
    office.run("audit", "export", "bundle")
    office.run("audit", "verify", "bundle")

    found: dict[tuple[str, str], list[int]] = {}
    known = {(run.screen, run.name): run for run in runs}
    for key, seq, started_at in rows(office, "bundle"):
        found.setdefault(key, []).append(seq)
        assert known[key].play(seq)["started_at"] == started_at
    for key, run in known.items():
        assert sorted(found[key]) == [seq for seq in range(1, run.plays + 1) if seq not in run.in_gap]
    with capsys.disabled():
        total = sum(map(len, found.values()))
        print(f"\n{total} plays of {SCREENS} screens in {spent:.0f} s, {KILLS} kills, {named} gaps named; {dict(did)}")
