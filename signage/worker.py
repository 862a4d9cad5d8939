"""A web worker of ``signage up``: composes the web application in a process of its own."""

import contextlib
import ctypes
import logging
import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from signage.config import Config, list_settings, load_config
from signage.evidence.play_ingest import PlayIngest
from signage.faults import Fault
from signage.library.service import Library
from signage.publish.load_snapshot import ScheduleRules
from signage.publish.playlist_cache import PlaylistCache
from signage.services.bootstrap import open_app_context
from signage.services.context import AppContext
from signage.services.evidence.plays import get_archive
from signage.services.screens import heartbeats
from signage.services.screens.enrolments import EnrolmentService
from signage.store.lease import is_lease_held
from signage.web.api import register as api
from signage.web.app import create_app
from signage.web.console import register as console
from signage.web.dependencies import WebDependencies
from signage.web.heartbeat_buffer import Heartbeat
from signage.web.http.image_check import Screenshot
from signage.web.http.wsgi import WSGIApplication

CONFIG_VARIABLE = "SIGNAGE_CONFIG_FILE"
PARENT_VARIABLE = "SIGNAGE_PARENT"
_CACHE_REFRESH_S = 0.2
_log = logging.getLogger(__name__)


def application() -> WSGIApplication:
    """Return the WSGI application of a worker process; called by Granian."""
    exit_with_parent()
    config = load_config(Path(os.environ[CONFIG_VARIABLE]))
    library = Library.from_settings(config)
    app_context = open_app_context(config, library=library)
    playlist_cache = PlaylistCache(app_context.store)
    playlist_cache.refresh()
    threading.Thread(target=_refresh_playlist_cache, args=(playlist_cache,), name="playlist-cache", daemon=True).start()
    return create_app(create_web_dependencies(config, app_context, library, playlist_cache))


def create_web_dependencies(
    config: Config, app_context: AppContext, library: Library, playlist_cache: PlaylistCache
) -> WebDependencies:
    """Compose what the web application depends on."""

    def polls(batch: Sequence[Heartbeat]) -> None:
        served = [
            (heartbeat.screen, heartbeat.served_serial) for heartbeat in batch if heartbeat.served_serial is not None
        ]
        heartbeats.record_polls(
            app_context, [(heartbeat.screen, heartbeat.at, heartbeat.polls) for heartbeat in batch], served
        )

    def screenshot(shot: Screenshot) -> None:
        heartbeats.store_screenshot(app_context, shot.screen, shot.at, shot.data)

    def lacking() -> Sequence[Fault]:
        if is_lease_held(app_context.store, app_context.clock.now()):
            return ()
        return (Fault("error", "nobody-keeps-the-timetable"),)

    web = config.web
    return WebDependencies(
        playlists=playlist_cache,
        play_ingest=PlayIngest(app_context.store, app_context.clock, get_archive(app_context).find_contents),
        find_blob=library.find_media,
        clock=app_context.clock,
        get_signed_keys=playlist_cache.build_keys_document,
        record_heartbeats=polls,
        record_status=lambda screen, status, at: heartbeats.record_status(app_context, screen, status, at),
        store_screenshot=screenshot,
        enrolments=EnrolmentService(
            app_context.store,
            app_context.clock,
            max_pending=web.enrolments_waiting,
            per_minute=web.enrolments_per_minute,
            lifetime_minutes=web.enrolment_minutes,
        ),
        list_readiness_faults=lacking,
        config=web,
        context=app_context,
        library=library,
        schedule_rules=ScheduleRules(config.schedule_settings, config.calendars),
        session_config=config.session,
        incident_config=config.incident,
        default_language=config.server.language,
        settings=list_settings(config),
        extensions=(console.register, api.register),
    )


def _refresh_playlist_cache(playlist_cache: PlaylistCache) -> None:
    """Refresh the playlist cache while the process runs."""
    last, pause = "", threading.Event()
    while not pause.wait(_CACHE_REFRESH_S):
        try:
            playlist_cache.refresh()
            last = ""
        except Exception as error:
            if str(error) != last:
                _log.exception("the playlist cache could not be refreshed; it serves its last state")
            last = str(error)


def exit_with_parent() -> None:
    """End this worker when its parent process ends, however it does."""
    parent = int(os.environ.get(PARENT_VARIABLE, "0"))
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    if parent and os.getppid() != parent:
        os._exit(1)
