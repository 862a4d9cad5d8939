"""The same inputs give the same bytes in every process, whatever its hash seed and its history."""

import hashlib
import os
import pickle
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings

from signage.model.panel import Panel
from signage.protocol import playlist as wire
from signage.publish import document
from signage.publish.compile import compile_body
from signage.schedule.calendars import OfficialCalendars
from signage.schedule.rotation.rotation_cache import RotationCache
from signage.schedule.snapshot import ScheduleSnapshot
from tests.schedule.strategies import oracle_inputs
from tests.support.examples import examples

ROOT = Path(__file__).parents[2]
CHILD = "import sys; from tests.publish.test_compile import print_hashes; print_hashes(sys.argv[1])"


def hash_documents(world: dict[str, Any]) -> list[str]:
    """Return the sha256 of each screen's document, compiled from *world* alone."""
    calendars = OfficialCalendars(tuple(world["overrides"].items()))
    snapshot = ScheduleSnapshot(
        tuple(world["campaigns"]),
        world["unapproved"],
        tuple(world["takeovers"]),
        calendars,
        screens=tuple(world["screens"]),
    )
    rotations = RotationCache(world["lengths"], 3_600_000)

    def get_item(name: str) -> wire.PlaylistItem:
        return wire.PlaylistItem(kind="slogan", duration_ms=rotations.get_length_ms(name), media=(), text=name)

    hashes = []
    for screen in world["screens"]:
        zone, at = ZoneInfo(screen.timezone), world["day"] - timedelta(hours=20)
        body = compile_body(snapshot, screen, Panel("p", 192, 64), at.astimezone(zone).date(), rotations, get_item)
        whole = document.join(document.encode_header(screen.id, 1, at, zone), document.encode_shared_body(body, at, 30))
        hashes.append(hashlib.sha256(whole).hexdigest())
    return hashes


def print_hashes(file: str) -> None:
    """Entry point of the other process: compile in reverse order, print the hashes in order."""
    drawn = pickle.loads(Path(file).read_bytes())
    hashes = [hash_documents(world) for world in reversed(drawn)]
    print("\n".join(digest for document_hashes in reversed(hashes) for digest in document_hashes))


def test_documents_are_the_same_bytes_in_another_process(tmp_path: Path) -> None:
    drawn: list[dict[str, Any]] = []

    @settings(examples(100), suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
    @given(oracle_inputs())
    def draw(world: dict[str, Any]) -> None:
        drawn.append(world)

    draw()
    snapshot = [digest for world in drawn for digest in hash_documents(world)]
    (tmp_path / "drawn").write_bytes(pickle.dumps(drawn))
    for seed in ("1", "2"):
        ran = subprocess.run(
            [sys.executable, "-c", CHILD, str(tmp_path / "drawn")],
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        assert ran.stdout.split() == snapshot
    assert len(set(snapshot)) > len(drawn) // 3
