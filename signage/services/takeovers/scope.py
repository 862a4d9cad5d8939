"""Whose screens a duty officer may take over (contract, rule 9).

1. A unit's duty officer takes over the screens of that unit alone, and shows nothing of another unit there.
2. Common screens, and those of several units, are for officers without a unit, or with ``all_units`` granted by name.
3. An account that nobody confirmed may be a second account of whoever created it: it starts no takeover, so that no
   administrator alone takes over the city.
"""

from collections.abc import Iterable

from signage.faults import Fault, FaultLocation, refuse
from signage.model import permissions
from signage.model.screen import Screen
from signage.model.takeover import Takeover
from signage.model.users import Actor
from signage.services.context import AppContext, AuditedTransaction
from signage.services.selector_input import format_screen_ids
from signage.services.users.account_control import HUMAN_CHANNELS
from signage.store import consents
from signage.store.campaigns import campaigns
from signage.store.screens import screens
from signage.store.takeovers import takeovers
from signage.store.users import account_control


def is_limited_to_unit(context: AppContext, tx: AuditedTransaction, actor: Actor) -> bool:
    """Return whether *actor* may take over the screens of their own unit alone (1)."""
    if permissions.may_take_over_unit(actor, None):
        return False
    return consents.is_enforced(tx.connection, context.enforce_consent)


def check_screen_units(actor: Actor, selected: Iterable[Screen]) -> list[Fault]:
    """Return a fault for each unit, and one for the common screens, that *actor* may not take over (1, 2)."""
    others: dict[str | None, list[str]] = {}
    for screen in selected:
        if not permissions.may_take_over_unit(actor, screen.unit):
            others.setdefault(screen.unit, []).append(screen.id)
    faults = []
    for unit, ids in others.items():
        code = "takeover-common-screens" if unit is None else "takeover-screens-of-others"
        facts = {"unit": unit, "own": actor.unit, "count": len(ids), "screens": format_screen_ids(ids)}
        faults.append(Fault("error", code, FaultLocation(key="screens"), facts))
    return faults


def check_item_unit(tx: AuditedTransaction, actor: Actor, item: str | None) -> list[Fault]:
    """Return a fault where *item* (``campaign/item``) belongs to another unit (1)."""
    row = campaigns.get_campaign(tx.connection, (item or "").partition("/")[0])
    version = row and row.approved_version and campaigns.get_version(tx.connection, row.id, row.approved_version)
    unit = version.campaign.unit if version else None
    if unit in (None, actor.unit):
        return []
    return [Fault("error", "takeover-item-of-others", FaultLocation(key="item"), {"item": item, "unit": unit})]


def check_stop(tx: AuditedTransaction, actor: Actor, takeover: Takeover) -> None:
    """Raise Refused where *takeover* covers screens beyond the unit of *actor* (1)."""
    named = set(takeovers.list_takeover_screens(tx.connection, takeover.id))
    units = {row.screen.unit for row in screens.iter_screens(tx.connection) if row.screen.id in named}
    if takeover.unit != actor.unit and units != {actor.unit}:
        raise refuse("takeover-of-others", takeover.id, id=takeover.id, own=actor.unit)


def check_confirmed(tx: AuditedTransaction, actor: Actor) -> None:
    """Raise Refused where another account could act as *actor*, because nobody confirmed it yet (3)."""
    controllers = account_control.find_controllers(tx.connection, actor.id)
    if actor.channel in HUMAN_CHANNELS and controllers:
        raise refuse("duty-unconfirmed", actor.id, who=actor.id, hand=", ".join(sorted(controllers)))
