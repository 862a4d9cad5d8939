"""Runs periodic jobs. Only this module uses APScheduler.

Jobs are in memory and are added again at each start. They run one at a time in one thread, so that two acts of the
system never race; urgent and slow jobs have threads of their own. A job determines what is due at the current instant;
it is not bound to the hour at which it runs, so that a machine that slept, or whose clock was set, does everything due
at the next run.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Literal

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from signage.clock import Clock
from signage.loops import guard_turn, start_loop

_log = logging.getLogger(__name__)
_ONE_TIME_JOB = "boundary"
_CLOCK_CHECK_S = 1.0
_CLOCK_JUMP_S = 2.0
Lane = Literal["urgent", "default", "slow"]
_MAX_TURN_S: Mapping[Lane, float] = {"urgent": 30.0, "default": 600.0, "slow": 7200.0}
_MAX_ONE_TIME_S = 1e9
"""One-time jobs are not expected again."""


@dataclass(frozen=True, slots=True)
class PeriodicJob:
    """A job that runs every *interval_s* seconds in the thread of its *lane*.

    ``urgent``: short jobs that nothing delays; ``slow``: jobs that nobody waits for.
    """

    name: str
    interval_s: float
    action: Callable[[], None]
    lane: Lane = "default"

    @property
    def max_turn_s(self) -> float:
        """How long after a turn that ended well the job counts as failing."""
        return 3 * self.interval_s + _MAX_TURN_S[self.lane]


class JobScheduler:
    """Runs jobs until ``stop``.

    APScheduler waits by the wall clock: after the clock is set back by an hour it would run nothing for an hour. A
    thread compares the clock with the monotonic clock and runs all jobs after a jump.
    """

    def __init__(self, jobs: Iterable[PeriodicJob], clock: Clock) -> None:
        self._clock = clock
        defaults = {"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
        executors = {lane: ThreadPoolExecutor(1) for lane in _MAX_TURN_S}
        self._scheduler = BackgroundScheduler(timezone="UTC", executors=executors, job_defaults=defaults)
        self._stopped = threading.Event()
        self._clock_offset_s = self._get_clock_offset_s()
        for job in jobs:
            action = partial(guard_turn, job.name, job.action, job.max_turn_s)
            self._scheduler.add_job(action, IntervalTrigger(seconds=job.interval_s), id=job.name, executor=job.lane)

    def start(self) -> None:
        """Start the scheduler and the check of the clock."""
        self._scheduler.start()
        start_loop("clock", self._check_clock, _CLOCK_CHECK_S, self._stopped)

    def schedule_at(self, at: datetime, action: Callable[[], None]) -> None:
        """Run *action* once at the instant *at*; replaces the action of the call before."""
        if not self._stopped.is_set():
            guarded = partial(guard_turn, _ONE_TIME_JOB, action, _MAX_ONE_TIME_S)
            self._scheduler.add_job(guarded, DateTrigger(at), id=_ONE_TIME_JOB, replace_existing=True)

    def stop(self) -> None:
        """Finish the running job and stop."""
        self._stopped.set()
        try:
            self._scheduler.remove_job(_ONE_TIME_JOB)
        except JobLookupError:
            _log.debug("no one-time job was scheduled")
        self._scheduler.shutdown(wait=True)

    def _check_clock(self) -> None:
        before_s, self._clock_offset_s = self._clock_offset_s, self._get_clock_offset_s()
        if abs(self._clock_offset_s - before_s) > _CLOCK_JUMP_S:
            _log.warning("the clock was set by %+.0f s; all jobs run now", self._clock_offset_s - before_s)
            self._run_all_now()

    def _get_clock_offset_s(self) -> float:
        return self._clock.now().timestamp() - self._clock.monotonic()

    def _run_all_now(self) -> None:
        for job in self._scheduler.get_jobs():
            try:
                job.modify(next_run_time=self._clock.now())
            except JobLookupError:
                _log.debug("%s is done already", job.id)
        self._scheduler.wakeup()
