"""What serving needs of the other rooms, as one value; ``server`` puts it together, tests put in their own."""

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
from signage.protocol.plays import Acknowledged
from signage.protocol.status import Status
from signage.publish.load_snapshot import Rules
from signage.services.context import Office
from signage.services.screens.enrolments import Enrolments
from signage.services.settings import IncidentConfig, SessionConfig
from signage.web.heartbeat_buffer import Contact
from signage.web.http.image_check import Screenshot
from signage.web.settings import SettingShown, WebConfig


class Shelved(Protocol):
    """What one token gets now. *etag* is quoted, *last_modified* an HTTP date, *modified_at* the same in epoch s."""

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
    def document(self) -> bytes: ...
    def signature(self) -> str: ...


class Shelf(Protocol):
    """Token → what it gets, from memory; None for a token that is not known."""

    def find(self, token: str) -> Shelved | None: ...
    def of_screen(self, screen: str) -> Shelved | None:
        """What the screen of that id gets, whatever its token; None where it has no document."""
        ...


class Intake(Protocol):
    """Takes a batch of plays; returns when it is durable. Raises ``Refused`` for JSON that cannot be read."""

    def submit(self, screen_id: str, body: bytes) -> Acknowledged: ...


@dataclass(frozen=True, slots=True)
class Services:
    """*blob*: sha256 → the file with these bytes. *keys*: the document ``keys.json`` and its signature header.

    *office*, *library*, *rules*, *session*, *incident*, *language*, *settings*: what the console and the API stand on.
    *ready* lists what keeps the server from doing its work. *doors* add more pages to the Flask application
    (the console, the API); each is called once with the application and these services.
    """

    shelf: Shelf
    intake: Intake
    blob: Callable[[str], Path | None]
    clock: Clock
    keys: Callable[[], tuple[bytes, str]]
    record_contacts: Callable[[Sequence[Contact]], None]
    record_status: Callable[[str, Status, datetime], None]
    store_screenshot: Callable[[Screenshot], None]
    enrolments: Enrolments
    ready: Callable[[], Sequence[Fault]] = field(default=tuple)
    config: WebConfig = field(default_factory=WebConfig)
    office: Office | None = None
    library: Library | None = None
    rules: Rules | None = None
    session: SessionConfig = field(default_factory=SessionConfig)
    incident: IncidentConfig = field(default_factory=IncidentConfig)
    language: Literal["zh", "en"] = "zh"
    settings: tuple[SettingShown, ...] = ()
    doors: tuple[Callable[[Flask, "Services"], None], ...] = ()
