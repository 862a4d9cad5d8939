"""Run a load test: its screens, the change in the middle of a scenario, and the result.

``steady``: polls only. ``edit`` and ``takeover``: after a third of the time the caller's action changes the content
of all screens. ``mass-return``: after a third of the time all connections end; after a pause all screens reconnect,
spread over one poll interval as players are.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from msgspec import Struct

from signage.bench.load_test.metrics import ClientLoad, LoadMetrics, LoadTestResult, compute_percentiles
from signage.bench.load_test.virtual_screen import VirtualScreen

Scenario = Literal["steady", "edit", "takeover", "mass-return"]
SCENARIOS: tuple[Scenario, ...] = ("steady", "edit", "takeover", "mass-return")
LAG_SAMPLE_S = 0.05


class LoadTestConfig(Struct, frozen=True):
    """Settings of a load test. *pinned*: public keys with which each playlist's signature is verified."""

    server: str
    tokens: Sequence[tuple[str, str]]
    seconds: float
    scenario: Scenario = "steady"
    first_interval_s: int = 30
    pause_s: float = 5.0
    plays: bool = True
    pinned_keys: Mapping[str, bytes] = {}
    action: Callable[[], None] | None = None


class LoadTest:
    """One run."""

    def __init__(self, config: LoadTestConfig) -> None:
        self.config = config
        self.metrics = LoadMetrics()
        self.screens = [
            VirtualScreen(config.server, name, token, self.metrics, config.pinned_keys, config.plays)
            for name, token in config.tokens
        ]
        self._offline_until = 0.0

    def run(self) -> LoadTestResult:
        """Run for the configured time."""
        cpu, began = time.process_time(), time.monotonic()
        asyncio.run(self._run_all())
        wall = time.monotonic() - began
        return self._build_result(wall, (time.process_time() - cpu) / wall)

    async def _run_all(self) -> None:
        start = asyncio.get_running_loop().time()
        tasks = [asyncio.create_task(self._run_screen(screen, start)) for screen in self.screens]
        tasks += [asyncio.create_task(self._measure_lag()), asyncio.create_task(self._run_scenario(start))]
        await asyncio.sleep(self.config.seconds)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for screen in self.screens:
            screen.connection.close()
        await asyncio.sleep(0)

    async def _run_screen(self, screen: VirtualScreen, start: float) -> None:
        wait = screen.get_first_delay_s(self.config.first_interval_s)
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(wait)
            if loop.time() < self._offline_until:
                wait = self._offline_until - loop.time() + screen.get_first_delay_s(self.config.first_interval_s)
                continue
            wait = await screen.poll(start)

    async def _measure_lag(self) -> None:
        """Measure the lag of this process: the part of every latency that is not the server's."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + LAG_SAMPLE_S
            await asyncio.sleep(LAG_SAMPLE_S)
            self.metrics.lags_ms.append(max(0.0, (loop.time() - due) * 1000))

    async def _run_scenario(self, start: float) -> None:
        if self.config.scenario == "steady":
            return
        await asyncio.sleep(self.config.seconds / 3)
        loop = asyncio.get_running_loop()
        if self.config.scenario == "mass-return":
            self._offline_until = loop.time() + self.config.pause_s
            for screen in self.screens:
                screen.connection.close()
            return
        for screen in self.screens:
            screen.awaits_new_playlist = True
        self.metrics.action_at_s = loop.time() - start
        if self.config.action is not None:
            try:
                await asyncio.to_thread(self.config.action)
            except Exception as error:
                self.metrics.errors[f"act: {error}"[:80]] += 1

    def _build_result(self, wall_s: float, share: float) -> LoadTestResult:
        tally = self.metrics
        counts = tally.counts
        polls = counts["unchanged"] + counts["document"]
        lags = compute_percentiles(tally.lags_ms)
        return LoadTestResult(
            scenario=self.config.scenario,
            screens=len(self.screens),
            seconds=round(wall_s, 3),
            requests=len(tally.samples),
            polls=polls,
            unchanged=counts["unchanged"],
            documents=counts["document"],
            plays=counts["plays sent"],
            polls_per_s=round(polls / wall_s, 2),
            latency_ms=compute_percentiles([m.took_ms for m in tally.samples if m.kind != "error"]),
            staleness_s=compute_percentiles(tally.staleness_s),
            behind=sum(s.awaits_new_playlist for s in self.screens),
            bytes_in=counts["bytes"],
            bytes_out=sum(s.connection.sent_bytes for s in self.screens),
            connections=sum(s.connection.opened_count for s in self.screens),
            errors=dict(tally.errors),
            client=ClientLoad(round(share, 4), lags.p99, lags.max),
        )


def raise_file_limit(count: int) -> int:
    """Raise this process's limit of open files to *count*; return the limit."""
    with contextlib.suppress(ImportError):
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        want = min(hard, max(soft, count + 200))
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (want, hard))
        return resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return count
