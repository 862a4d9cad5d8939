"""A whole office in a temporary folder."""

from pathlib import Path
from typing import Any

from signage.model.panel import Panel
from signage.model.screen import Screen
from signage.services.bootstrap import open_store
from signage.services.context import AppContext
from signage.store import audit_log as audit
from signage.store.settings import StorageConfig
from tests.support.clocks import ManualClock

PANELS = {
    panel.id: panel
    for panel in (
        Panel("taxi-192x64", 192, 64),
        Panel("street-1920x1080", 1920, 1080),
        Panel("strip-256x32", 256, 32, color="mono"),
    )
}


def create_app_context(root: Path, clock: ManualClock | None = None, **more: Any) -> AppContext:
    """An office over a fresh database in *root*."""
    state = root / "var"
    return AppContext(open_store(state, StorageConfig()), clock or ManualClock(), root, state, panels=PANELS, **more)


def make_screen(screen_id: str = "taxi-0001", **facts: Any) -> Screen:
    """A taxi roof."""
    known = {"kind": "taxi-roof", "panel": "taxi-192x64", "timezone": "Asia/Shanghai", **facts}
    return Screen(id=screen_id, **known)


def list_audit_entries(office: AppContext) -> list[dict[str, Any]]:
    """The audit log, each entry as its line says it."""
    with office.store.read() as connection:
        return [dict(entry.parse()) for entry in audit.iter_entries(connection)]
