"""A web worker of ``signage up``: composes the web application in a process of its own."""

import contextlib
import ctypes
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from signage.config import Config, list_settings, load_config
from signage.evidence.play_ingest import PlayIngest
from signage.library.service import Library
from signage.loops import start_loop
from signage.publish.load_snapshot import ScheduleRules
from signage.publish.playlist_cache import PlaylistCache
from signage.services.bootstrap import open_app_context
from signage.services.context import AppContext
from signage.services.evidence.plays import get_archive
from signage.services.readiness import list_readiness_faults
from signage.services.screens import heartbeats
from signage.services.screens.enrolments import EnrolmentService
from signage.store.disk_reserve import DiskReserve
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


def application() -> WSGIApplication:
    """Return the WSGI application of a worker process; called by Granian."""
    exit_with_parent()
    config = load_config(Path(os.environ[CONFIG_VARIABLE]))
    library = Library.from_settings(config)
    app_context = open_app_context(config, library=library)
    playlist_cache = PlaylistCache(app_context.store)
    playlist_cache.refresh()
    start_loop("playlist-cache", playlist_cache.refresh, _CACHE_REFRESH_S)
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

    disk_reserve = DiskReserve(app_context.state, config.plays.reserve_mb << 20, app_context.clock)
    web = config.web
    return WebDependencies(
        playlists=playlist_cache,
        play_ingest=PlayIngest(
            app_context.store, app_context.clock, get_archive(app_context).find_contents, config.plays, disk_reserve
        ),
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
        list_readiness_faults=lambda: list_readiness_faults(app_context, disk_reserve),
        has_disk_room=disk_reserve.has_room,
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


def exit_with_parent() -> None:
    """End this worker when its parent process ends, however it does."""
    parent = int(os.environ.get(PARENT_VARIABLE, "0"))
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    if parent and os.getppid() != parent:
        os._exit(1)
