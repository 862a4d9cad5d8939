"""Who may do what: a table of acts and the roles that may do them. What is not in it, nobody may.

1. ``auditor`` reads and exports everything and changes nothing; it is never held with another role.
2. Any one person on duty may start or stop a takeover.
3. Nobody approves what they themselves submitted or changed (checked by the act, which knows who did), also not by a
   second account: who adds people does not confirm them.
4. Who belongs to a unit changes only what is that unit's, or nobody's; who belongs to none, everything.
5. A token's scope narrows what its person may do, and widens nothing.
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
        ("playlist.publish", ("admin",)),
        ("settings.set key.make key.rotate key.retire state.restore", ("admin",)),
        ("state.backup", ("admin", "auditor")),
        ("plays.export report.make", _ALL_ROLES),
        ("wall.view screen.view campaign.view clip.view approval.view takeover.view incident.view", _ALL_ROLES),
        ("plays.view report.view token.view self.view", _ALL_ROLES),
        ("audit.view audit.export user.view settings.view", ("admin", "auditor")),
    )
    for verb in verbs.split()
}
"""Act → the roles of which one is enough."""


def is_allowed(actor: Actor, verb: str) -> bool:
    """Whether *actor* holds a role that may do *verb*, and no scope keeps them from it."""
    return not actor.roles.isdisjoint(PERMISSIONS.get(verb, frozenset())) and is_in_scope(actor.scope, verb)


def is_in_scope(scope: Iterable[str], verb: str) -> bool:
    """Whether *scope* leaves *verb* (5): no word at all leaves everything."""
    words = tuple(scope)
    return not words or any(_is_allowed_by_word(word, verb) for word in words)


def is_known_scope(word: str) -> bool:
    """Whether a word of a scope leaves anything at all."""
    return any(_is_allowed_by_word(word, verb) for verb in PERMISSIONS)


def _is_allowed_by_word(word: str, verb: str) -> bool:
    if word == "read":
        return verb.endswith((".view", ".export")) or verb == "report.make"
    subject, _, what = word.partition(".")
    return word == verb or (what == "*" and verb.startswith(subject + "."))


def is_narrower_scope(scope: Iterable[str], than: Iterable[str]) -> bool:
    """Whether *scope* leaves nothing that *than* does not leave."""
    words, limit = tuple(scope), tuple(than)
    return all(is_in_scope(limit, verb) for verb in PERMISSIONS if is_in_scope(words, verb))


def may_manage_unit(actor: Actor, unit: str | None) -> bool:
    """Whether a person of *unit* is *actor*'s to let in: who belongs to a unit governs that one alone."""
    return actor.unit is None or actor.unit == unit


def may_edit_unit(actor: Actor, unit: str | None) -> bool:
    """Whether what belongs to *unit* is *actor*'s to change (4)."""
    return actor.unit is None or unit is None or actor.unit == unit


def has_role_conflict(roles: Iterable[Role]) -> bool:
    """Whether *roles* hold ``auditor`` together with another (1)."""
    held = set(roles)
    return "auditor" in held and len(held) > 1
