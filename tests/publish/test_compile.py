"""The same inputs give the same bytes in every process: whatever order its hashes have, and whatever it did before."""

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
CHILD = "import sys; from tests.publish.test_compile import again; again(sys.argv[1])"


def digests(world: dict[str, Any]) -> list[str]:
    """The sha256 of each screen's document, compiled from nothing but *world*."""
    calendars = OfficialCalendars(tuple(world["overrides"].items()))
    here = ScheduleSnapshot(
        tuple(world["campaigns"]),
        world["unapproved"],
        tuple(world["takeovers"]),
        calendars,
        screens=tuple(world["screens"]),
    )
    loops = RotationCache(world["lengths"], 3_600_000)

    def item(name: str) -> wire.PlaylistItem:
        return wire.PlaylistItem(kind="slogan", duration_ms=loops.get_length_ms(name), media=(), text=name)

    found = []
    for screen in world["screens"]:
        zone, at = ZoneInfo(screen.timezone), world["day"] - timedelta(hours=20)
        body = compile_body(here, screen, Panel("p", 192, 64), at.astimezone(zone).date(), loops, item)
        whole = document.join(document.encode_header(screen.id, 1, at, zone), document.encode_shared_body(body, at, 30))
        found.append(hashlib.sha256(whole).hexdigest())
    return found


def again(file: str) -> None:
    """In another process: the same in reverse order, for the one that asks."""
    drawn = pickle.loads(Path(file).read_bytes())
    told = [digests(world) for world in reversed(drawn)]
    print("\n".join(digest for found in reversed(told) for digest in found))


def test_documents_are_the_same_bytes_in_another_process(tmp_path: Path) -> None:
    drawn: list[dict[str, Any]] = []

    @settings(examples(100), suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
    @given(oracle_inputs())
    def draw(world: dict[str, Any]) -> None:
        drawn.append(world)

    draw()
    here = [digest for world in drawn for digest in digests(world)]
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
        assert ran.stdout.split() == here
    assert len(set(here)) > len(drawn) // 3
