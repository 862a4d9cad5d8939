"""Letting a new screen in: a person types the code that it shows, and says what is to be known of it.

Where it waits is ``acts.enrolments``; what is made of it is an ordinary screen.
"""

from typing import Protocol

from signage.faults import Fault, FaultLocation, Refused, refuse
from signage.model.screen import Screen
from signage.model.users import Actor
from signage.protocol.status import EnrolmentGrant, EnrolmentRequest
from signage.services.context import AppContext
from signage.services.screens import registry
from signage.services.screens.validation import validate_screen


class PendingEnrolment(Protocol):
    """A screen that asked."""

    @property
    def id(self) -> str: ...
    @property
    def code(self) -> str: ...
    @property
    def request(self) -> EnrolmentRequest: ...


class PendingEnrolments(Protocol):
    """Where screens wait."""

    def find_pending(self, code: str) -> PendingEnrolment | None: ...
    def complete(self, enrolment_id: str, enrolled: EnrolmentGrant) -> bool: ...


def get_pending(table: PendingEnrolments, code: str) -> PendingEnrolment:
    """The screen that shows *code*. Raises Refused where none waits."""
    found = table.find_pending(code)
    if found is None:
        raise refuse("enrolment-code-unknown", "code", typed=code[:20])
    return found


def list_matching_panels(context: AppContext, asking: PendingEnrolment) -> tuple[str, ...]:
    """The panels that have the pixels which the screen says it has."""
    panel = asking.request.panel
    return tuple(name for name, one in context.panels.items() if (one.width, one.height) == (panel.width, panel.height))


def enrol_screen(
    context: AppContext, actor: Actor, table: PendingEnrolments, code: str, screen: Screen
) -> EnrolmentGrant:
    """Let the screen in that shows *code*, as *screen*. Raises Refused with all that is wrong with it."""
    context.check_permission(actor, "screen.enrol", screen.id)
    found = table.find_pending(code)
    if found is None:
        unknown = Fault("error", "enrolment-code-unknown", FaultLocation(key="code"), {"typed": code[:20]})
        raise Refused([unknown, *validate_screen(screen, context.panels, FaultLocation())])
    made = registry.create_screen(context, actor, screen, verb="screen.enrol")
    if not table.complete(
        found.id, made
    ):  # it stopped waiting in this very moment; the screen can be given a new token
        raise refuse("enrolment-code-unknown", "code", typed=code[:20])
    return made
