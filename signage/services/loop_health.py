"""The state of the background process's loops, for the readiness check of the web workers.

The background process writes it into the state folder every few seconds; a file that is not renewed is a fault too.
"""

from pathlib import Path

import msgspec

from signage.clock import Clock
from signage.faults import Fault
from signage.loops import LoopFault, list_loop_faults

FILE_NAME = "loops.json"
MAX_AGE_S = 30.0


class _LoopReport(msgspec.Struct, frozen=True):
    """*written_s*: seconds since 1970; *loops*: those that are not well."""

    written_s: float
    loops: tuple[LoopFault, ...] = ()


def write_loop_report(state: Path, clock: Clock) -> None:
    """Write which loops of this process are not well."""
    report = _LoopReport(clock.now().timestamp(), tuple(list_loop_faults()))
    temporary = state / f"{FILE_NAME}.new"
    temporary.write_bytes(msgspec.json.encode(report))
    temporary.replace(state / FILE_NAME)


def list_background_faults(state: Path, clock: Clock) -> list[Fault]:
    """List what is wrong with the loops of the background process of this machine."""
    try:
        report = msgspec.json.decode((state / FILE_NAME).read_bytes(), type=_LoopReport)
    except (OSError, msgspec.DecodeError):
        return [Fault("error", "loops-silent")]
    if abs(clock.now().timestamp() - report.written_s) > MAX_AGE_S:
        return [Fault("error", "loops-silent")]
    return [build_loop_fault(loop) for loop in report.loops]


def build_loop_fault(loop: LoopFault) -> Fault:
    """Return the fault that names a loop that is not well."""
    return Fault("error", "loop-failing", facts={"loop": loop.loop, "seconds": loop.seconds, "why": loop.why or "—"})
