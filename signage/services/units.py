"""Units: who belongs to one changes what is that unit's, or nobody's (``model.duties``, rule 4)."""

from signage.faults import refuse
from signage.model import permissions as duties
from signage.model.users import Actor


def check_unit(actor: Actor, unit: str | None, object_id: str) -> None:
    """Raise Refused when what belongs to *unit* is not *actor*'s to change."""
    if not duties.may_edit_unit(actor, unit):
        raise refuse("not-your-unit", object_id, unit=unit, own=actor.unit)
