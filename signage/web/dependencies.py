"""The services that the web application depends on; ``worker`` composes them, tests substitute their own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal, Protocol

from flask import Flask

from signage.clock import Clock
from signage.faults import Fault
from signage.library.service import Library
from signage.protocol.playlist import Playlist
from signage.protocol.plays import PlayAcknowledgement
from signage.protocol.status import StatusMessage
from signage.publish.load_snapshot import ScheduleRules
from signage.services.context import AppContext
from signage.services.screens.enrolments import EnrolmentService
from signage.services.settings import IncidentConfig, SessionConfig
from signage.web.heartbeat_buffer import Heartbeat
from signage.web.http.image_check import Screenshot
from signage.web.settings import SettingView, WebConfig


class ServedPlaylist(Protocol):
    """The playlist of a screen. *etag* is quoted, *last_modified* an HTTP date, *modified_at* the same in epoch s."""

    @property
    def screen(self) -> str: ...
    @property
    def revoked(self) -> bool: ...
    @property
    def serial(self) -> int: ...
    @property
    def etag(self) -> str: ...
    @property
    def last_modified(self) -> str: ...
    @property
    def modified_at(self) -> int: ...
    @property
    def playlist(self) -> Playlist: ...
    def get_document(self) -> bytes: ...
    def get_signature(self) -> str: ...


class PlaylistSource(Protocol):
    """Finds the playlist of a screen, in memory."""

    def find(self, token: str) -> ServedPlaylist | None: ...
    def find_by_screen(self, screen: str) -> ServedPlaylist | None:
        """Return what the screen of that id gets; None without a playlist."""
        ...


class PlayReceiver(Protocol):
    """Stores a batch of plays; returns once it is durable. Raises ``Refused`` for unreadable JSON."""

    def submit(self, screen_id: str, body: bytes) -> PlayAcknowledgement: ...


@dataclass(frozen=True, slots=True)
class WebDependencies:
    """*find_blob*: sha256 → the file with these bytes. *get_signed_keys*: ``keys.json`` and its signature header.

    *context*, *library*, *schedule_rules* and the configurations serve the console and the API.
    *list_readiness_faults*: the reasons why the server is not ready. *has_disk_room*: whether intake may store files.
    *extensions* register further routes (console, API); each is called once with the Flask application and these
    dependencies.
    """

    playlists: PlaylistSource
    play_ingest: PlayReceiver
    find_blob: Callable[[str], Path | None]
    clock: Clock
    get_signed_keys: Callable[[], tuple[bytes, str]]
    record_heartbeats: Callable[[Sequence[Heartbeat]], None]
    record_status: Callable[[str, StatusMessage, datetime], None]
    store_screenshot: Callable[[Screenshot], None]
    enrolments: EnrolmentService
    list_readiness_faults: Callable[[], Sequence[Fault]] = field(default=tuple)
    has_disk_room: Callable[[], bool] = lambda: True
    config: WebConfig = field(default_factory=WebConfig)
    context: AppContext | None = None
    library: Library | None = None
    schedule_rules: ScheduleRules | None = None
    session_config: SessionConfig = field(default_factory=SessionConfig)
    incident_config: IncidentConfig = field(default_factory=IncidentConfig)
    default_language: Literal["zh", "en"] = "zh"
    settings: tuple[SettingView, ...] = ()
    extensions: tuple[Callable[[Flask, "WebDependencies"], None], ...] = ()
