"""Who may do what: a table of acts and the roles that may do them. What is not in it, nobody may.

1. ``auditor`` reads and exports everything and changes nothing; it is never held with another role.
2. Any one person on duty may start or stop a takeover.
3. Nobody approves what they themselves submitted or changed (checked by the act, which knows who did).
"""

from collections.abc import Iterable, Mapping

from signage.model.people import Actor, Role

_ALL: tuple[Role, ...] = ("operator", "approver", "duty", "admin", "auditor")
_DOERS: tuple[Role, ...] = ("operator", "approver", "duty", "admin")

DUTIES: Mapping[str, frozenset[Role]] = {
    verb: frozenset(roles)
    for verbs, roles in (
        ("screen.add screen.set screen.import screen.remove screen.revoke screen.token", ("admin",)),
        ("screen.enrol", ("admin", "duty")),
        ("user.add user.set user.disable user.enable user.link token.revoke", ("admin",)),
        ("token.add user.redeem user.password session.open session.close session.refused", _ALL),
        ("takeover.start takeover.stop", ("duty",)),
        ("incident.report", _DOERS),
        ("incident.change", ("duty", "admin", "operator")),
        ("clip.add clip.change clip.remove", ("operator",)),
        ("campaign.load campaign.save campaign.submit campaign.withdraw campaign.end campaign.restore", ("operator",)),
        ("campaign.approve campaign.return", ("approver",)),
        ("playlist.publish", ("admin",)),
        ("settings.set key.make key.rotate key.retire state.restore", ("admin",)),
        ("state.backup", ("admin", "auditor")),
        ("audit.export plays.export report.make", _ALL),
    )
    for verb in verbs.split()
}
"""Act → the roles of which one is enough."""


def may(actor: Actor, verb: str) -> bool:
    """Whether *actor* holds a role that may do *verb*."""
    return not actor.roles.isdisjoint(DUTIES.get(verb, frozenset()))


def mixed(roles: Iterable[Role]) -> bool:
    """Whether *roles* hold ``auditor`` together with another (1)."""
    held = set(roles)
    return "auditor" in held and len(held) > 1
