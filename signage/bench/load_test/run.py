"""A fleet at work: its screens, the act in the middle of a scenario, and the account at the end.

``steady``: polls and nothing else. ``edit`` and ``takeover``: at a third of the time an act of the caller's changes
what all screens show. ``mass-return``: at a third of the time all connections end, and after a pause all screens come
back, spread over one interval as players are.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from msgspec import Struct

from signage.bench.load_test.metrics import Client, Outcome, Tally, spread
from signage.bench.load_test.virtual_screen import Screen

Scenario = Literal["steady", "edit", "takeover", "mass-return"]
SCENARIOS: tuple[Scenario, ...] = ("steady", "edit", "takeover", "mass-return")
BEAT_S = 0.05


class FleetConfig(Struct, frozen=True):
    """What a fleet runs with. *pinned*: public keys against which each document's signature is checked."""

    server: str
    tokens: Sequence[tuple[str, str]]
    seconds: float
    scenario: Scenario = "steady"
    first_interval_s: int = 30
    pause_s: float = 5.0
    plays: bool = True
    pinned: Mapping[str, bytes] = {}
    act: Callable[[], None] | None = None


class Fleet:
    """One run."""

    def __init__(self, config: FleetConfig) -> None:
        self.config = config
        self.tally = Tally()
        self.screens = [
            Screen(config.server, name, token, self.tally, config.pinned, config.plays) for name, token in config.tokens
        ]
        self._dark_until = 0.0

    def run(self) -> Outcome:
        """Run to the end of the time."""
        cpu, began = time.process_time(), time.monotonic()
        asyncio.run(self._all())
        wall = time.monotonic() - began
        return self._outcome(wall, (time.process_time() - cpu) / wall)

    async def _all(self) -> None:
        start = asyncio.get_running_loop().time()
        tasks = [asyncio.create_task(self._live(screen, start)) for screen in self.screens]
        tasks += [asyncio.create_task(self._beat()), asyncio.create_task(self._scenario(start))]
        await asyncio.sleep(self.config.seconds)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for screen in self.screens:
            screen.line.close()
        await asyncio.sleep(0)

    async def _live(self, screen: Screen, start: float) -> None:
        wait = screen.first_s(self.config.first_interval_s)
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(wait)
            if loop.time() < self._dark_until:
                wait = self._dark_until - loop.time() + screen.first_s(self.config.first_interval_s)
                continue
            wait = await screen.poll(start)

    async def _beat(self) -> None:
        """How late this process runs: the part of every latency that is not the server's."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + BEAT_S
            await asyncio.sleep(BEAT_S)
            self.tally.lags_ms.append(max(0.0, (loop.time() - due) * 1000))

    async def _scenario(self, start: float) -> None:
        if self.config.scenario == "steady":
            return
        await asyncio.sleep(self.config.seconds / 3)
        loop = asyncio.get_running_loop()
        if self.config.scenario == "mass-return":
            self._dark_until = loop.time() + self.config.pause_s
            for screen in self.screens:
                screen.line.close()
            return
        for screen in self.screens:
            screen.waits_for_new = True
        self.tally.act_at_s = loop.time() - start
        if self.config.act is not None:
            try:
                await asyncio.to_thread(self.config.act)
            except Exception as error:
                self.tally.errors[f"act: {error}"[:80]] += 1

    def _outcome(self, wall_s: float, share: float) -> Outcome:
        tally = self.tally
        counts = tally.counts
        polls = counts["unchanged"] + counts["document"]
        lags = spread(tally.lags_ms)
        return Outcome(
            scenario=self.config.scenario,
            screens=len(self.screens),
            seconds=round(wall_s, 3),
            requests=len(tally.moments),
            polls=polls,
            unchanged=counts["unchanged"],
            documents=counts["document"],
            plays=counts["plays sent"],
            polls_per_s=round(polls / wall_s, 2),
            latency_ms=spread([m.took_ms for m in tally.moments if m.kind != "error"]),
            staleness_s=spread(tally.staleness_s),
            behind=sum(s.waits_for_new for s in self.screens),
            bytes_in=counts["bytes"],
            bytes_out=sum(s.line.sent_bytes for s in self.screens),
            connections=sum(s.line.opened for s in self.screens),
            errors=dict(tally.errors),
            client=Client(round(share, 4), lags.p99, lags.max),
        )


def allow_files(count: int) -> int:
    """Let this process hold *count* connections; how many it may hold now."""
    with contextlib.suppress(ImportError):
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        want = min(hard, max(soft, count + 200))
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (want, hard))
        return resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return count
