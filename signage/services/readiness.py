"""Whether this process can do all of its work: what a request would meet now.

1. The database can be read and was last written without a fault. 2. A process keeps the lease. 3. The disk has more
free space than the reserve of plays. 4. The loops of this process and of the background process are well. Places for
request bodies are the web's own (``web.health``).
"""

from collections.abc import Iterator

from signage.faults import Fault
from signage.loops import list_loop_faults
from signage.services.context import AppContext, StoreError
from signage.services.loop_health import build_loop_fault, list_background_faults
from signage.store.disk_reserve import DiskReserve
from signage.store.lease import is_lease_held


def list_readiness_faults(context: AppContext, disk_reserve: DiskReserve) -> list[Fault]:
    """List the reasons why this process cannot do all of its work."""
    return [*_check_store(context), *_check_disk(disk_reserve), *_check_loops(context)]


def _check_store(context: AppContext) -> Iterator[Fault]:
    try:
        if not is_lease_held(context.store, context.clock.now()):
            yield Fault("error", "nobody-keeps-the-timetable")
    except StoreError as error:
        yield error.fault
    if context.store.write_fault is not None:
        yield context.store.write_fault


def _check_disk(disk_reserve: DiskReserve) -> Iterator[Fault]:
    try:
        has_room = disk_reserve.has_room()
    except OSError:
        has_room = False
    if not has_room:
        yield Fault("error", "disk-reserve", facts={"reserve_mb": disk_reserve.reserve_mb})


def _check_loops(context: AppContext) -> Iterator[Fault]:
    yield from (build_loop_fault(loop) for loop in list_loop_faults())
    yield from list_background_faults(context.state, context.clock)
