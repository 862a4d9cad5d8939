"""The lease of one request on an upload: held in the database, so that it holds over all processes and nodes."""

from datetime import timedelta

from signage.clock import Clock
from signage.library.ingest import refuse_clip
from signage.store.engine import Connection, Store
from signage.store.lease import Lease
from signage.store.library.uploads import UploadRow

_LOCK_TTL = timedelta(seconds=60)
_LOCK_RENEWAL_S = 10.0


class UploadLock:
    """The lease of one request on an upload. Raises Refused (``upload-busy``) when another request has it."""

    def __init__(self, store: Store, clock: Clock, upload: UploadRow) -> None:
        self._lease = Lease(store, clock, f"upload-{upload.id}", _LOCK_TTL)
        self._clock, self._upload = clock, upload
        self._renewed_at_s = clock.monotonic()
        self.is_lost = False
        if not self._lease.acquire():
            raise refuse_clip("upload-busy", upload.name)

    def renew(self, *, at_once: bool = False) -> None:
        """Renew the lease where it is due; called before each write to the file."""
        if at_once or self._clock.monotonic() - self._renewed_at_s >= _LOCK_RENEWAL_S:
            if not self._lease.renew():
                self._lose()
            self._renewed_at_s = self._clock.monotonic()

    def check_held(self, connection: Connection) -> None:
        """Refuse where another request has acquired the lease meanwhile."""
        if not self._lease.is_held(connection):
            self._lose()

    def release(self) -> None:
        """Release the lease, if it is still held."""
        self._lease.release()

    def _lose(self) -> None:
        self.is_lost = True
        raise refuse_clip("upload-busy", self._upload.name)
