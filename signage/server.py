"""Server process of ``signage up``.

The parent process, if it has the lease, watches the campaign folder, compiles, publishes and makes renditions. Its
children (Granian workers) serve HTTP. They communicate only through the database; each checks the change counter
several times a second.
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

from signage.background_jobs import BackgroundJobs
from signage.config import Config
from signage.faults import Fault, FaultLocation, Refused
from signage.library.service import Library
from signage.services.bootstrap import open_app_context
from signage.services.campaigns.folder_watch import FileOutcome
from signage.services.context import AppContext
from signage.services.publishing.signing_keys import get_signing_keys
from signage.web.http.connections import get_connection_limit

_log = logging.getLogger(__name__)
_CONFIG_VARIABLE = "SIGNAGE_CONFIG_FILE"  # read by signage.worker
_PARENT_VARIABLE = "SIGNAGE_PARENT"
_WORKER_THREADS = 4096


@dataclass(frozen=True, slots=True)
class ListenAddress:
    """Host and port to listen on."""

    host: str
    port: int

    @property
    def url(self) -> str:
        """The URL for a browser on this machine."""
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)  # noqa: S104
        return f"http://{f'[{host}]' if ':' in host and not host.startswith('[') else host}:{self.port}"


def open_installation(config: Config) -> tuple[AppContext, Library]:
    """Open the application context and the library of the state folder."""
    library = Library.from_settings(config)
    return open_app_context(config, library=library), library


def serve(
    config: Config,
    address: ListenAddress,
    tell: Callable[[FileOutcome], None],
    before: Callable[[AppContext], None],
    ready: Callable[[], None],
) -> None:
    """Run until SIGTERM or SIGINT.

    *tell* is called with the outcome of each campaign file, *before* before anything is published, *ready* once
    requests are answered.

    Raises Refused if the address is in use or invalid.
    """
    check_address_free(address)
    app_context, library = open_installation(config)
    get_signing_keys(app_context)
    before(app_context)
    scheduler = BackgroundJobs(config, app_context, library, tell)
    multiprocessing.set_start_method("spawn", force=True)
    os.environ[_CONFIG_VARIABLE] = str(config.path)
    os.environ[_PARENT_VARIABLE] = str(os.getpid())
    threading.Thread(target=_notify_when_ready, args=(address, ready), daemon=True).start()
    starting = _StartupThread(scheduler)
    starting.start()
    try:
        _serve_http(config, address)
    finally:
        starting.join()
        scheduler.stop()
        app_context.store.close()
    if starting.failure is not None:
        raise starting.failure


class _StartupThread(threading.Thread):
    """Starts the jobs while the workers start; a failure ends the server."""

    def __init__(self, scheduler: BackgroundJobs) -> None:
        super().__init__(name="starting")
        self._background_jobs = scheduler
        self.failure: Exception | None = None

    def run(self) -> None:
        try:
            self._background_jobs.start()
        except Exception as error:
            self.failure = error
            os.kill(os.getpid(), signal.SIGTERM)


def check_address_free(address: ListenAddress) -> None:
    """Raise Refused if *address* is in use: a second server would share its port unnoticed."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        _bind(probe, address)


def find_free_port(host: str) -> int:
    """Return a free port of *host*. Raises Refused if there is none."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
        _bind(probe, ListenAddress(host, 0))
        return int(probe.getsockname()[1])


def _bind(probe: socket.socket, address: ListenAddress) -> None:
    try:
        probe.bind((address.host, address.port))
    except (OSError, UnicodeError) as error:
        facts = {"host": address.host, "port": address.port, "why": getattr(error, "strerror", None) or str(error)}
        code, key = "host-unusable", "--host"
        if isinstance(error, OSError) and error.errno in (errno.EADDRINUSE, errno.EACCES):
            code, key = "address-unusable", "--port"
        raise Refused([Fault("error", code, FaultLocation(key=key), facts)]) from error


def _serve_http(config: Config, address: ListenAddress) -> None:
    """Serve HTTP until a signal arrives.

    HTTP/1 alone: with HTTP/2 in clear text the server waits for the first byte without end, and a broken stream never
    ends its body. ``backpressure`` counts connections, idle ones too; threads are taken by requests only.
    """
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces
    from granian.http import HTTP1Settings
    from granian.log import LogLevels

    Granian(
        "signage.worker:application",
        address=address.host,
        port=address.port,
        interface=Interfaces.WSGI,
        factory=True,
        http=HTTPModes.http1,
        workers=config.server.workers,
        blocking_threads=_WORKER_THREADS,
        backlog=_WORKER_THREADS,
        backpressure=get_connection_limit(config.web.connections_at_once),
        blocking_threads_idle_timeout=5,
        http1_settings=HTTP1Settings(header_read_timeout=60_000),
        websockets=False,
        log_access=False,
        log_level=LogLevels.error,
        respawn_failed_workers=True,
        workers_kill_timeout=5,
    ).serve()


def _notify_when_ready(address: ListenAddress, on_ready: Callable[[], None]) -> None:
    pause = threading.Event()
    while not pause.wait(0.05):
        try:
            with urllib.request.urlopen(address.url + "/readyz", timeout=2):  # noqa: S310 (our own address)
                on_ready()
                return
        except OSError:
            _log.debug("not ready yet")
