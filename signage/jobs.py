"""Runs periodic jobs. Only this module uses APScheduler.

Jobs are in memory and are added again at each start. They run one at a time in one thread, so that two acts of the
system never race; slow jobs have a second thread. A job determines what is due at the current instant; it is not bound
to the hour at which it runs, so that a machine that slept, or whose clock was set, does everything due at the next run.
"""

import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from signage.clock import Clock

_log = logging.getLogger(__name__)
_ONE_TIME_JOB = "boundary"
_CLOCK_CHECK_S = 1.0
_CLOCK_JUMP_S = 2.0


@dataclass(frozen=True, slots=True)
class PeriodicJob:
    """A job that runs every *interval_s* seconds. *slow*: in the second thread, so that it delays no other job."""

    name: str
    interval_s: float
    action: Callable[[], None]
    slow: bool = False


class JobScheduler:
    """Runs jobs until ``stop``.

    APScheduler waits by the wall clock: after the clock is set back by an hour it would run nothing for an hour. A
    thread compares the clock with the monotonic clock and runs all jobs after a jump.
    """

    def __init__(self, jobs: Iterable[PeriodicJob], clock: Clock) -> None:
        self._clock = clock
        defaults = {"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
        executors = {"default": ThreadPoolExecutor(1), "slow": ThreadPoolExecutor(1)}
        self._scheduler = BackgroundScheduler(timezone="UTC", executors=executors, job_defaults=defaults)
        self._stopped = threading.Event()
        self._clock_watcher = threading.Thread(target=self._watch_clock, name="clock", daemon=True)
        for job in jobs:
            trigger, executor = IntervalTrigger(seconds=job.interval_s), "slow" if job.slow else "default"
            self._scheduler.add_job(_log_failures(job.name, job.action), trigger, id=job.name, executor=executor)

    def start(self) -> None:
        """Start the scheduler and the clock watcher."""
        self._scheduler.start()
        self._clock_watcher.start()

    def schedule_at(self, at: datetime, action: Callable[[], None]) -> None:
        """Run *action* once at the instant *at*; replaces the action of the call before."""
        if not self._stopped.is_set():
            guarded = _log_failures(_ONE_TIME_JOB, action)
            self._scheduler.add_job(guarded, DateTrigger(at), id=_ONE_TIME_JOB, replace_existing=True)

    def stop(self) -> None:
        """Finish the running job and stop."""
        self._stopped.set()
        try:
            self._scheduler.remove_job(_ONE_TIME_JOB)
        except JobLookupError:
            _log.debug("no one-time job was scheduled")
        self._scheduler.shutdown(wait=True)

    def _watch_clock(self) -> None:
        before_s = self._get_clock_offset_s()
        while not self._stopped.wait(_CLOCK_CHECK_S):
            offset_s = self._get_clock_offset_s()
            if abs(offset_s - before_s) > _CLOCK_JUMP_S:
                _log.warning("the clock was set by %+.0f s; all jobs run now", offset_s - before_s)
                self._run_all_now()
            before_s = offset_s

    def _get_clock_offset_s(self) -> float:
        return self._clock.now().timestamp() - self._clock.monotonic()

    def _run_all_now(self) -> None:
        for job in self._scheduler.get_jobs():
            try:
                job.modify(next_run_time=self._clock.now())
            except JobLookupError:
                _log.debug("%s is done already", job.id)
        self._scheduler.wakeup()


def _log_failures(name: str, action: Callable[[], None]) -> Callable[[], None]:
    """Wrap *action*: an exception is logged, once while it repeats, and does not stop the scheduler."""
    last_failure: list[str] = []

    def run() -> None:
        try:
            action()
        except Exception as error:
            failure = f"{type(error).__name__}: {error}"
            if last_failure != [failure]:
                _log.exception("%s failed; it is tried again", name)
            last_failure[:] = [failure]
        else:
            last_failure.clear()

    return run
