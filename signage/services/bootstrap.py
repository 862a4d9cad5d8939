"""Opens the application context: creates the state folder, migrates the database, applies the configuration."""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from signage.clock import Clock, SystemClock
from signage.faults import Fault, FaultLocation, Refused
from signage.model.panel import Panel
from signage.schedule.snapshot import KeyPeriod, ScheduleSettings
from signage.services.context import AppContext
from signage.services.settings import ApprovalConfig, FolderConfig, TakeoverConfig
from signage.store.engine import Store
from signage.store.migrate import migrate_database
from signage.store.settings import StorageConfig

if TYPE_CHECKING:
    from signage.library.service import Library


class AppSettings(Protocol):
    """The part of the configuration that services need."""

    @property
    def root(self) -> Path: ...
    @property
    def state(self) -> Path: ...
    @property
    def timezone(self) -> str: ...
    @property
    def schedule_settings(self) -> ScheduleSettings: ...
    @property
    def panels(self) -> Mapping[str, Panel]: ...
    @property
    def kind_labels(self) -> Mapping[str, str]: ...
    @property
    def storage(self) -> StorageConfig: ...
    @property
    def approval(self) -> ApprovalConfig: ...
    @property
    def takeover(self) -> TakeoverConfig: ...
    @property
    def folder(self) -> FolderConfig: ...
    @property
    def key_periods(self) -> tuple[KeyPeriod, ...]: ...
    @property
    def enforce_consent(self) -> bool | None: ...


DATABASE_FILE = "signage.db"


def open_store(state: Path, storage: StorageConfig) -> Store:
    """Open the database and migrate it; the state folder is readable by its owner only.

    Raises Refused: the folder cannot be created or written.
    """
    try:
        state.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise Refused(
            [Fault("error", "state-unusable", FaultLocation(file=str(state)), {"why": error.strerror})]
        ) from error
    if not os.access(state, os.W_OK | os.X_OK):
        raise Refused(
            [Fault("error", "state-unusable", FaultLocation(file=str(state)), {"why": "it may not be written"})]
        )
    store = Store(storage.database or state / DATABASE_FILE)
    if store.path is not None:  # it holds the signing keys; SQLite gives its log file the same mode
        store.path.touch(mode=0o600)
        store.path.chmod(0o600)
    migrate_database(store)
    return store


def open_app_context(settings: AppSettings, clock: Clock | None = None, library: "Library | None" = None) -> AppContext:
    """Open the application context; with *library*, the watched folder can add clips."""
    context = AppContext(
        store=open_store(settings.state, settings.storage),
        clock=clock or SystemClock(),
        root=settings.root,
        state=settings.state,
        timezone=settings.timezone,
        poll_seconds=settings.schedule_settings.poll_seconds,
        panels=settings.panels,
        kind_labels=settings.kind_labels,
        approval=settings.approval,
        takeover=settings.takeover,
        folder=settings.folder,
        key_periods=settings.key_periods,
        enforce_consent=settings.enforce_consent,
    )
    return context if library is None else attach_library(context, library)


def attach_library(context: AppContext, library: "Library") -> AppContext:
    """Return *context* with *library* as the source of clips for the watched folder."""
    from signage.services.library.clip_uploads import FolderClips  # loads decoders

    return replace(context, clips=FolderClips(context, library))
