"""A new screen asks to be let in: its code on its own panel, until a person has typed it."""

import hashlib
import secrets
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec

from signage.player.health import Trouble
from signage.player.media.images import Size
from signage.player.network.http_client import Connection
from signage.protocol.status import EnrolmentGrant, EnrolmentPanel, EnrolmentPending, EnrolmentRequest

PATH = "/screen/v1/enrolments"
AGAIN_S = 15.0
MOST_POLL_S = 300


class Enrolment:
    """Asks until it is answered. *show* puts a line of text on the panel, *wait* waits and says whether to go on."""

    def __init__(
        self, connection: Connection, panel: Size, hardware: str, show: Callable[[str], None],
        wait: Callable[[float], bool],
    ) -> None:  # fmt: skip
        self._connection, self._panel, self._hardware = connection, panel, hardware
        self._show, self._wait = show, wait

    def run(self) -> EnrolmentGrant | None:
        """The token that a person gave this screen; None where the player was told to stop."""
        going = True
        while going:
            try:
                pending = self._ask()
            except Trouble as trouble:
                self._show(trouble.code)
                going = self._wait(AGAIN_S)
                continue
            self._show(pending.code)
            answer = self._await(pending)
            if answer is not None:
                return answer
            going = self._wait(0.1)
        return None

    def _ask(self) -> EnrolmentPending:
        request = EnrolmentRequest(self._hardware, EnrolmentPanel(*self._panel))
        answer = self._connection.post(PATH, msgspec.json.encode(request))
        if answer.status != 201:
            raise Trouble("enrolment-refused", str(answer.status))
        try:
            return msgspec.json.decode(answer.body, type=EnrolmentPending)
        except ValueError:
            raise Trouble("enrolment-refused", "unreadable") from None

    def _await(self, pending: EnrolmentPending) -> EnrolmentGrant | None:
        """Ask whether the code was typed; None where this code is over and another is to be asked for."""
        while self._wait(float(max(1, min(MOST_POLL_S, pending.poll_seconds)))):
            try:
                answer = self._connection.get(f"{PATH}/{pending.id}")
            except Trouble:
                continue
            if answer.status == 200:
                try:
                    return msgspec.json.decode(answer.body, type=EnrolmentGrant)
                except ValueError:
                    continue
            if answer.status in (404, 410):
                return None
        return None


def hardware_id(folder: Path) -> str:
    """A stable name of this machine: from its machine-id, else one made once and kept in *folder*."""
    try:
        machine = Path("/etc/machine-id").read_text("ascii").strip()
    except (OSError, ValueError):
        machine = ""
    if machine:
        return hashlib.sha256(f"signage {machine}".encode()).hexdigest()[:16]
    path = folder / "hardware"
    if not path.exists():
        path.write_text(secrets.token_hex(8), "ascii")
    return path.read_text("ascii")


def stopper(stop: threading.Event) -> Callable[[float], bool]:
    """A wait that ends early, with False, once *stop* is set."""
    return lambda seconds: not stop.wait(seconds)
