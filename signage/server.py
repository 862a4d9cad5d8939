"""``signage up``: everything put together.

Two kinds of processes. The parent keeps the timetable: it watches the folder of campaigns, compiles, publishes and
makes renditions, if it holds the lease. Its children (Granian workers) serve HTTP. They meet in the database alone;
each looks at its revision a few times a second.
"""

import errno
import logging
import multiprocessing
import os
import signal
import socket
import threading
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from signage.config import Config
from signage.faults import Fault, Place, Refused
from signage.jobs import Every, Timetable
from signage.library.service import Library
from signage.publish.load_snapshot import ScheduleRules
from signage.services.bootstrap import open_app_context
from signage.services.campaigns.folder_watch import FileOutcome, FolderWatcher
from signage.services.campaigns.papers import create_forecast_provider
from signage.services.context import AppContext
from signage.services.evidence.evidence_jobs import maintain_archive, process_due_reports, sign_checkpoint
from signage.services.incidents import monitor as watching
from signage.services.incidents import notifications as notices
from signage.services.incidents.channels import create_channels
from signage.services.publishing.publisher import Publisher
from signage.services.publishing.signing_keys import get_signing_keys
from signage.services.screens.enrolments import EnrolmentService
from signage.store.lease import Lease

_log = logging.getLogger(__name__)
_CONFIG = "SIGNAGE_CONFIG_FILE"  # as signage.worker reads it
_PARENT = "SIGNAGE_PARENT"
_LOOK_S = 0.2
_FOLDER_S = 0.5
_LEASE_S = 3.0
_MINUTE_S = 60.0
_HOUR_S = 3600.0
_SWEEP_S = 600.0
_WATCH_S = 30.0
_THREADS = 4096


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen."""

    host: str
    port: int

    @property
    def url(self) -> str:
        """How a browser on this machine reaches it."""
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)  # noqa: S104
        return f"http://{f'[{host}]' if ':' in host and not host.startswith('[') else host}:{self.port}"


def open_house(config: Config) -> tuple[AppContext, Library]:
    """The office and its library over the state folder."""
    library = Library.from_settings(config)
    return open_app_context(config, clips=library.folder_clips), library


# -- the parent -------------------------------------------------------------------------------------------------------


class Watch:
    """Looks for what is wrong, and tells whom it concerns."""

    def __init__(self, config: Config, office: AppContext) -> None:
        self._config, self._office = config, office
        self._since: datetime | None = None
        zone = ZoneInfo(config.timezone)
        self._channels = create_channels(
            config.notice, office.clock, lambda: office.clock.now().astimezone(zone).date()
        )

    def __call__(self) -> None:
        self._since = watching.detect_incidents(self._office, self._config.incident, self._since)
        notices.send_due_notices(self._office, self._config.notice, self._channels)


class Scheduler:
    """What the parent does on time; one process at a time, by the lease."""

    def __init__(
        self, config: Config, office: AppContext, library: Library, tell: Callable[[FileOutcome], None]
    ) -> None:
        self._office = office
        self._lease = Lease(office.store, office.clock)
        self._folder = FolderWatcher(office)
        rules = ScheduleRules(config.schedule_settings, config.calendars)
        papers = create_forecast_provider(office, rules, library)
        enrolments = EnrolmentService(office.store, office.clock, lifetime_minutes=config.web.enrolment_minutes)
        self._press = Publisher(office, rules, library.create_resolver)
        self._library = library
        self._tell = tell
        self._holds = False
        self._next_at: datetime | None = None
        self._timetable = Timetable(
            (
                Every("lease", _LEASE_S, self._take),
                Every("folder", _FOLDER_S, self._scan),
                Every("look", _LOOK_S, self._look),
                Every("checkpoint", _MINUTE_S, self._if_held(lambda: sign_checkpoint(office, config.evidence))),
                Every(
                    "archive",
                    _HOUR_S,
                    self._if_held(lambda: maintain_archive(office, config.evidence, config.incident)),
                    slow=True,
                ),
                Every(
                    "reports",
                    _MINUTE_S,
                    self._if_held(lambda: process_due_reports(office, config.evidence, papers)),
                    slow=True,
                ),
                Every("watch", _WATCH_S, self._if_held(Watch(config, office)), slow=True),
                Every("enrolments", _MINUTE_S, self._if_held(enrolments.delete_expired)),
                Every("uploads", _SWEEP_S, self._if_held(library.uploads.delete_expired), slow=True),
            ),
            office.clock,
        )

    def start(self) -> None:
        """Take the lease, load, publish; then go on in the background."""
        self._take()
        if self._holds:
            self._scan()
            self._round()
        self._library.start()
        self._timetable.start()

    def stop(self) -> None:
        """Finish what is under way and give the lease back."""
        self._timetable.stop()
        self._library.stop()
        self._lease.release()

    def _take(self) -> None:
        held, self._holds = self._holds, self._lease.acquire()
        if held != self._holds:
            _log.info("the timetable is %s", "kept here" if self._holds else "kept by another process")

    def _if_held(self, act: Callable[[], object]) -> Callable[[], None]:
        """*act*, done only where this process keeps the timetable."""

        def run() -> None:
            if self._holds:
                act()

        return run

    def _scan(self) -> None:
        if self._holds:
            for outcome in self._folder.scan():
                self._tell(outcome)

    def _look(self) -> None:
        due = self._next_at is None or self._office.clock.now() >= self._next_at
        if self._holds and (due or self._press.has_changes() or self._press.has_clock_gone_back()):
            self._round()

    def _round(self) -> None:
        self._next_at = self._press.publish_changes()
        self._timetable.at(self._next_at, self._look)


def serve(
    config: Config,
    address: Address,
    tell: Callable[[FileOutcome], None],
    before: Callable[[AppContext], None],
    ready: Callable[[], None],
) -> None:
    """Run until SIGTERM or SIGINT.

    *tell* hears of campaign files; *before* is called with the office before anything is published, *ready* once
    requests are answered.

    Raises Refused when the address is taken or cannot be used.
    """
    claim(address)
    office, library = open_house(config)
    get_signing_keys(office)
    before(office)
    scheduler = Scheduler(config, office, library, tell)
    multiprocessing.set_start_method("spawn", force=True)
    os.environ[_CONFIG] = str(config.path)
    os.environ[_PARENT] = str(os.getpid())
    threading.Thread(target=_when_ready, args=(address, ready), daemon=True).start()
    starting = _Starting(scheduler)
    starting.start()
    try:
        _answer(config, address)
    finally:
        starting.join()
        scheduler.stop()
        office.store.close()
    if starting.failure is not None:
        raise starting.failure


class _Starting(threading.Thread):
    """Starts the scheduler while the workers start; a failure of it ends the server."""

    def __init__(self, scheduler: Scheduler) -> None:
        super().__init__(name="starting")
        self._scheduler = scheduler
        self.failure: Exception | None = None

    def run(self) -> None:
        try:
            self._scheduler.start()
        except Exception as error:
            self.failure = error
            os.kill(os.getpid(), signal.SIGTERM)


def claim(address: Address) -> None:
    """Raise Refused when nothing can listen at *address*: a second server there would share its port unseen."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        _bind(probe, address)


def free_port(host: str) -> int:
    """A port of *host* that is free now. Raises Refused when nothing can listen there."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
        _bind(probe, Address(host, 0))
        return int(probe.getsockname()[1])


def _bind(probe: socket.socket, address: Address) -> None:
    try:
        probe.bind((address.host, address.port))
    except (OSError, UnicodeError) as error:
        facts = {"host": address.host, "port": address.port, "why": getattr(error, "strerror", None) or str(error)}
        code, key = "host-unusable", "--host"
        if isinstance(error, OSError) and error.errno in (errno.EADDRINUSE, errno.EACCES):
            code, key = "address-unusable", "--port"
        raise Refused([Fault("error", code, Place(key=key), facts)]) from error


def _answer(config: Config, address: Address) -> None:
    """Serve HTTP until a signal ends it."""
    from granian import Granian
    from granian.constants import Interfaces
    from granian.http import HTTP1Settings
    from granian.log import LogLevels

    Granian(
        "signage.worker:application",
        address=address.host,
        port=address.port,
        interface=Interfaces.WSGI,
        factory=True,
        workers=config.server.workers,
        blocking_threads=_THREADS,
        backlog=_THREADS,
        backpressure=_THREADS,
        blocking_threads_idle_timeout=5,
        http1_settings=HTTP1Settings(header_read_timeout=60_000),
        websockets=False,
        log_access=False,
        log_level=LogLevels.error,
        respawn_failed_workers=True,
        workers_kill_timeout=5,
    ).serve()


def _when_ready(address: Address, say: Callable[[], None]) -> None:
    pause = threading.Event()
    while not pause.wait(0.05):
        try:
            with urllib.request.urlopen(address.url + "/readyz", timeout=2):  # noqa: S310 (our own address)
                say()
                return
        except OSError:
            _log.debug("not ready yet")
