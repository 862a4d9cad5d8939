"""Permissions by role: a table of acts and the roles that allow them. An act that is not in the table is forbidden.

1. ``auditor`` reads and exports everything and changes nothing; it is never combined with another role.
2. One user on duty may start or stop a takeover alone.
3. Four-eyes rule: nobody may approve a version they submitted or edited (checked by the act, which knows who did),
   nor by a second account: whoever creates accounts does not confirm them.
4. A user of a unit changes only objects of that unit or of none; a user without a unit changes everything. What belongs
   to the whole installation, campaigns without a unit and common screens, is decided by users without a unit. A unit's
   duty officer takes over its screens alone, unless ``all_units`` is granted by name (contract, rule 9).
5. A token's scope restricts what its user may do and never extends it.
"""

from collections.abc import Iterable, Mapping

from signage.model.users import Actor, Role

_ALL_ROLES: tuple[Role, ...] = ("operator", "approver", "duty", "admin", "auditor")
_NON_AUDITOR_ROLES: tuple[Role, ...] = ("operator", "approver", "duty", "admin")

PERMISSIONS: Mapping[str, frozenset[Role]] = {
    verb: frozenset(roles)
    for verbs, roles in (
        ("screen.add screen.set screen.import screen.remove screen.revoke screen.token", ("admin",)),
        ("screen.enrol", ("admin", "duty")),
        ("user.add user.set user.disable user.enable user.link user.factors token.revoke", ("admin",)),
        ("user.confirm", ("approver", "admin")),
        ("token.add token.drop user.redeem user.password user.factor", _ALL_ROLES),
        ("session.open session.close session.refused", _ALL_ROLES),
        ("takeover.start takeover.stop", ("duty",)),
        ("incident.report", _NON_AUDITOR_ROLES),
        ("incident.change", ("duty", "admin", "operator")),
        ("clip.add clip.change clip.remove slogan.add slogan.change slogan.remove", ("operator",)),
        ("wording.set", ("approver", "admin")),
        ("campaign.load campaign.save campaign.submit campaign.withdraw campaign.end campaign.restore", ("operator",)),
        ("campaign.approve campaign.return", ("approver",)),
        ("consent.ask consent.withdraw", ("operator", "approver")),
        ("consent.give", ("approver",)),
        ("playlist.publish", ("admin",)),
        ("settings.set key.make key.rotate key.retire state.restore", ("admin",)),
        ("state.backup", ("admin", "auditor")),
        ("plays.export report.make", _ALL_ROLES),
        ("wall.view screen.view campaign.view clip.view approval.view takeover.view incident.view", _ALL_ROLES),
        ("plays.view report.view token.view self.view consent.view", _ALL_ROLES),
        ("audit.view audit.export user.view settings.view", ("admin", "auditor")),
    )
    for verb in verbs.split()
}
"""Act → roles, of which one is enough."""


def is_allowed(actor: Actor, verb: str) -> bool:
    """Return whether *actor* has a role that allows *verb*, within the actor's scope."""
    return not actor.roles.isdisjoint(PERMISSIONS.get(verb, frozenset())) and is_in_scope(actor.scope, verb)


def is_in_scope(scope: Iterable[str], verb: str) -> bool:
    """Return whether *scope* allows *verb* (5); an empty scope allows everything."""
    words = tuple(scope)
    return not words or any(_is_allowed_by_word(word, verb) for word in words)


def is_known_scope(word: str) -> bool:
    """Return whether a word of a scope matches any act."""
    return any(_is_allowed_by_word(word, verb) for verb in PERMISSIONS)


def _is_allowed_by_word(word: str, verb: str) -> bool:
    if word == "read":
        return verb.endswith((".view", ".export")) or verb == "report.make"
    subject, _, act = word.partition(".")
    return word == verb or (act == "*" and verb.startswith(subject + "."))


def is_narrower_scope(scope: Iterable[str], than: Iterable[str]) -> bool:
    """Return whether *scope* allows nothing that *than* does not allow."""
    words, limit = tuple(scope), tuple(than)
    return all(is_in_scope(limit, verb) for verb in PERMISSIONS if is_in_scope(words, verb))


def may_manage_unit(actor: Actor, unit: str | None) -> bool:
    """Return whether *actor* may manage users of *unit*: a user of a unit manages that unit alone."""
    return actor.unit is None or actor.unit == unit


def may_edit_unit(actor: Actor, unit: str | None) -> bool:
    """Return whether *actor* may change objects of *unit* (4)."""
    return actor.unit is None or unit is None or actor.unit == unit


def may_take_over_unit(actor: Actor, unit: str | None) -> bool:
    """Whether *actor* may take over a screen of *unit*; None: a common screen (4)."""
    return actor.unit is None or actor.all_units or (unit is not None and actor.unit == unit)


def has_role_conflict(roles: Iterable[Role]) -> bool:
    """Return whether *roles* combine ``auditor`` with another role (1)."""
    held_roles = set(roles)
    return "auditor" in held_roles and len(held_roles) > 1
