"""A web worker of ``signage up``: the rooms that serve, put together, in a process of their own."""

import contextlib
import ctypes
import logging
import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from signage.config import Config, load, shown
from signage.evidence.play_ingest import Intake
from signage.faults import Fault
from signage.library.service import Library
from signage.publish.load_snapshot import Rules
from signage.publish.playlist_cache import Shelf
from signage.services.bootstrap import open_office
from signage.services.context import Office
from signage.services.evidence.plays import archive
from signage.services.screens import heartbeats as contacts
from signage.services.screens.enrolments import Enrolments
from signage.store.lease import is_held
from signage.web.api import register as api
from signage.web.app import create_app
from signage.web.console import register as console
from signage.web.dependencies import Services
from signage.web.heartbeat_buffer import Contact
from signage.web.http.image_check import Screenshot
from signage.web.http.wsgi import WSGIApplication

CONFIG = "SIGNAGE_CONFIG_FILE"
PARENT = "SIGNAGE_PARENT"
_LOOK_S = 0.2
_log = logging.getLogger(__name__)


def application() -> WSGIApplication:
    """The WSGI application of a worker process, as Granian calls for it."""
    die_with_the_parent()
    config = load(Path(os.environ[CONFIG]))
    library = Library.of(config)
    office = open_office(config, clips=library.clips)
    shelf = Shelf(office.store)
    shelf.refresh()
    threading.Thread(target=_follow, args=(shelf,), name="shelf", daemon=True).start()
    return create_app(services(config, office, library, shelf))


def services(config: Config, office: Office, library: Library, shelf: Shelf) -> Services:
    """What serving needs, from the other rooms."""

    def polls(batch: Sequence[Contact]) -> None:
        served = [(one.screen, one.served) for one in batch if one.served is not None]
        contacts.note_polls(office, [(one.screen, one.at, one.polls) for one in batch], served)

    def screenshot(shot: Screenshot) -> None:
        contacts.keep_screenshot(office, shot.screen, shot.at, shot.data)

    def lacking() -> Sequence[Fault]:
        if is_held(office.store, office.clock.now()):
            return ()
        return (Fault("error", "nobody-keeps-the-timetable"),)

    web = config.web
    return Services(
        shelf=shelf,
        intake=Intake(office.store, office.clock, archive(office).contents),
        blob=library.media,
        clock=office.clock,
        keys=shelf.keys_document,
        record_contacts=polls,
        record_status=lambda screen, status, at: contacts.keep_status(office, screen, status, at),
        store_screenshot=screenshot,
        enrolments=Enrolments(
            office.store,
            office.clock,
            waiting=web.enrolments_waiting,
            per_minute=web.enrolments_per_minute,
            minutes=web.enrolment_minutes,
        ),
        ready=lacking,
        config=web,
        office=office,
        library=library,
        rules=Rules(config.schedule_settings, config.calendars),
        session=config.session,
        incident=config.incident,
        language=config.server.language,
        settings=shown(config),
        doors=(console.register, api.register),
    )


def _follow(shelf: Shelf) -> None:
    """Keep the shelf up to date for as long as the process lives."""
    last, pause = "", threading.Event()
    while not pause.wait(_LOOK_S):
        try:
            shelf.refresh()
            last = ""
        except Exception as error:
            if str(error) != last:
                _log.exception("the shelf could not be refreshed; it serves what it has")
            last = str(error)


def die_with_the_parent() -> None:
    """Let no worker outlive the process that started it, however that one ends."""
    parent = int(os.environ.get(PARENT, "0"))
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    if parent and os.getppid() != parent:
        os._exit(1)
