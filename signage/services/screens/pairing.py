"""Letting a new screen in: a person types the code that it shows, and says what is to be known of it.

Where it waits is ``acts.enrolments``; what is made of it is an ordinary screen.
"""

from typing import Protocol

from signage.faults import Fault, Place, Refused, refuse
from signage.model import permissions as duties
from signage.model.screen import Screen
from signage.model.users import Actor
from signage.protocol.status import Enrolled, EnrolmentRequest
from signage.services.context import Office
from signage.services.screens import registry as screens
from signage.services.screens.validation import faults_of


class Asking(Protocol):
    """A screen that asked."""

    @property
    def id(self) -> str: ...
    @property
    def code(self) -> str: ...
    @property
    def request(self) -> EnrolmentRequest: ...


class Table(Protocol):
    """Where screens wait."""

    def waiting(self, code: str) -> Asking | None: ...
    def give(self, enrolment_id: str, enrolled: Enrolled) -> bool: ...


def waiting(table: Table, code: str) -> Asking:
    """The screen that shows *code*. Raises Refused where none waits."""
    found = table.waiting(code)
    if found is None:
        raise refuse("enrolment-code-unknown", "code", typed=code[:20])
    return found


def fitting(office: Office, asking: Asking) -> tuple[str, ...]:
    """The panels that have the pixels which the screen says it has."""
    panel = asking.request.panel
    return tuple(name for name, one in office.panels.items() if (one.width, one.height) == (panel.width, panel.height))


def enrol(office: Office, actor: Actor, table: Table, code: str, screen: Screen) -> Enrolled:
    """Let the screen in that shows *code*, as *screen*. Raises Refused with all that is wrong with it."""
    if not duties.may(actor, "screen.enrol"):
        raise refuse("duty-missing", screen.id, who=actor.id, verb="screen.enrol", needed="admin, duty")
    found = table.waiting(code)
    if found is None:
        unknown = Fault("error", "enrolment-code-unknown", Place(key="code"), {"typed": code[:20]})
        raise Refused([unknown, *faults_of(screen, office.panels, Place())])
    made = screens.add(office, actor, screen, verb="screen.enrol")
    if not table.give(found.id, made):  # it stopped waiting in this very moment; the screen can be given a new token
        raise refuse("enrolment-code-unknown", "code", typed=code[:20])
    return made
