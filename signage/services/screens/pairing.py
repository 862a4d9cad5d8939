"""Pairing: a person enters the code that a new screen shows, with its id, kind, panel and so on.

Pending enrolments are kept in ``enrolments``; the result is an ordinary screen.
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
    """A screen that requested its enrolment."""

    @property
    def id(self) -> str: ...
    @property
    def code(self) -> str: ...
    @property
    def request(self) -> EnrolmentRequest: ...


class PendingEnrolments(Protocol):
    """The pending enrolments (``EnrolmentService``)."""

    def find_pending(self, code: str) -> PendingEnrolment | None: ...
    def complete(self, enrolment_id: str, enrolled: EnrolmentGrant) -> bool: ...


def get_pending(enrolments: PendingEnrolments, code: str) -> PendingEnrolment:
    """Return the pending enrolment with the pairing code *code*. Raises Refused: there is none."""
    enrolment = enrolments.find_pending(code)
    if enrolment is None:
        raise refuse("enrolment-code-unknown", "code", typed=code[:20])
    return enrolment


def list_matching_panels(context: AppContext, enrolment: PendingEnrolment) -> tuple[str, ...]:
    """List the panels with the pixel size that the screen reported."""
    size = enrolment.request.panel
    return tuple(
        name for name, panel in context.panels.items() if (panel.width, panel.height) == (size.width, size.height)
    )


def enrol_screen(
    context: AppContext, actor: Actor, enrolments: PendingEnrolments, code: str, screen: Screen
) -> EnrolmentGrant:
    """Enrol the screen that shows *code* as *screen*. Raises Refused with all faults."""
    context.check_permission(actor, "screen.enrol", screen.id)
    enrolment = enrolments.find_pending(code)
    if enrolment is None:
        unknown = Fault("error", "enrolment-code-unknown", FaultLocation(key="code"), {"typed": code[:20]})
        raise Refused([unknown, *validate_screen(screen, context.panels, FaultLocation())])
    grant = registry.create_screen(context, actor, screen, verb="screen.enrol")
    # An enrolment that expired in this moment leaves a screen that can be given a new token.
    if not enrolments.complete(enrolment.id, grant):
        raise refuse("enrolment-code-unknown", "code", typed=code[:20])
    return grant
