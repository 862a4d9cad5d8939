"""Pairing: a person enters the code that a new screen shows, with its id, kind, panel and so on.

Pending enrolments are kept in ``enrolments``; the result is an ordinary screen.
"""

from typing import Protocol

from signage.faults import FaultLocation, Refused, refuse
from signage.model.screen import Screen
from signage.model.users import Actor
from signage.protocol.status import EnrolmentGrant, EnrolmentRequest
from signage.services.context import AppContext
from signage.services.screens import registry
from signage.services.screens.validation import validate_screen
from signage.services.users import login_throttle


class PendingEnrolment(Protocol):
    """A screen that requested its enrolment."""

    @property
    def id(self) -> str: ...
    @property
    def code(self) -> str: ...
    @property
    def request(self) -> EnrolmentRequest: ...
    @property
    def address(self) -> str: ...


class PendingEnrolments(Protocol):
    """The pending enrolments (``EnrolmentService``)."""

    def find_pending(self, code: str) -> PendingEnrolment | None: ...
    def complete(self, enrolment_id: str, enrolled: EnrolmentGrant) -> bool: ...


def get_pending(
    context: AppContext, actor: Actor, pending_enrolments: PendingEnrolments, code: str, address: str
) -> PendingEnrolment:
    """Return the screen that shows *code*, which *actor* at *address* typed; wrong codes are counted like log-ins.

    Raises Refused: permission missing, no such screen, too many wrong codes.
    """
    context.check_permission(actor, "screen.enrol", code[:20])
    attempt = login_throttle.begin_login_attempt(context, f"code/{actor.id}"[:64], address)
    if attempt.delay_s:
        raise refuse("pairing-throttled", "code", minutes=-(-attempt.delay_s // 60))
    pending = pending_enrolments.find_pending(code)
    login_throttle.finish_login_attempt(context, attempt, None if pending else "pairing-code")
    if pending is None:
        raise refuse("enrolment-code-unknown", "code", typed=code[:20])
    return pending


def list_matching_panels(context: AppContext, enrolment: PendingEnrolment) -> tuple[str, ...]:
    """List the panels with the pixel size that the screen reported."""
    size = enrolment.request.panel
    return tuple(
        name for name, panel in context.panels.items() if (panel.width, panel.height) == (size.width, size.height)
    )


def enrol_screen(
    context: AppContext, actor: Actor, pending_enrolments: PendingEnrolments, code: str, screen: Screen, address: str
) -> EnrolmentGrant:
    """Enrol the screen that shows *code* as *screen*. Raises Refused with all that is wrong with it."""
    context.check_permission(actor, "screen.enrol", screen.id)
    try:
        pending = get_pending(context, actor, pending_enrolments, code, address)
    except Refused as refused:
        raise Refused([*refused.faults, *validate_screen(screen, context.panels, FaultLocation())]) from None
    grant = registry.create_screen(context, actor, screen, verb="screen.enrol")
    if not pending_enrolments.complete(pending.id, grant):  # it expired meanwhile; the screen can get a new token
        raise refuse("enrolment-code-unknown", "code", typed=code[:20])
    return grant
