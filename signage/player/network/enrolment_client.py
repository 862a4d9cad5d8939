"""Enrolment client: shows a pairing code on the panel until an operator has entered it."""

import hashlib
import secrets
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec

from signage.player.health import PlayerError
from signage.player.media.images import Size
from signage.player.network.http_client import ServerConnection
from signage.protocol.status import EnrolmentGrant, EnrolmentPanel, EnrolmentPending, EnrolmentRequest

ENROLMENTS_PATH = "/screen/v1/enrolments"
RETRY_S = 15.0
MAX_POLL_S = 300


class EnrolmentClient:
    """Enrols the screen. *show* draws a line of text on the panel; *wait* waits and returns whether to go on."""

    def __init__(
        self, connection: ServerConnection, panel: Size, hardware: str, show: Callable[[str], None],
        wait: Callable[[float], bool],
    ) -> None:  # fmt: skip
        self._connection, self._panel, self._hardware_id = connection, panel, hardware
        self._show, self._wait = show, wait

    def run(self) -> EnrolmentGrant | None:
        """Return the token that the server granted; None if the player was stopped."""
        is_running = True
        while is_running:
            try:
                pending = self._request_code()
            except PlayerError as trouble:
                self._show(trouble.code)
                is_running = self._wait(RETRY_S)
                continue
            self._show(pending.code)
            answer = self._wait_for_token(pending)
            if answer is not None:
                return answer
            is_running = self._wait(0.1)
        return None

    def _request_code(self) -> EnrolmentPending:
        request = EnrolmentRequest(self._hardware_id, EnrolmentPanel(*self._panel))
        answer = self._connection.post(ENROLMENTS_PATH, msgspec.json.encode(request))
        if answer.status != 201:
            raise PlayerError("enrolment-refused", str(answer.status))
        try:
            return msgspec.json.decode(answer.body, type=EnrolmentPending)
        except ValueError:
            raise PlayerError("enrolment-refused", "unreadable") from None

    def _wait_for_token(self, pending: EnrolmentPending) -> EnrolmentGrant | None:
        """Poll until the code was entered; return None if the code expired and a new one is needed."""
        while self._wait(float(max(1, min(MAX_POLL_S, pending.poll_seconds)))):
            try:
                answer = self._connection.get(f"{ENROLMENTS_PATH}/{pending.id}")
            except PlayerError:
                continue
            if answer.status == 200:
                try:
                    return msgspec.json.decode(answer.body, type=EnrolmentGrant)
                except ValueError:
                    continue
            if answer.status in (404, 410):
                return None
        return None


def get_hardware_id(folder: Path) -> str:
    """Return a stable id of this machine: from its machine-id, else a random one stored in *folder*."""
    try:
        machine_id = Path("/etc/machine-id").read_text("ascii").strip()
    except (OSError, ValueError):
        machine_id = ""
    if machine_id:
        return hashlib.sha256(f"signage {machine_id}".encode()).hexdigest()[:16]
    path = folder / "hardware"
    if not path.exists():
        path.write_text(secrets.token_hex(8), "ascii")
    return path.read_text("ascii")


def create_stop_wait(stop: threading.Event) -> Callable[[float], bool]:
    """Build a wait function that ends early, with False, when *stop* is set."""
    return lambda seconds: not stop.wait(seconds)
