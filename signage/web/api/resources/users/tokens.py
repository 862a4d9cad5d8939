"""Tokens for the API: one's own; everybody's for who may see people."""

from datetime import datetime

from msgspec import Struct

from signage.faults import refuse
from signage.model import permissions as duties
from signage.services.users import accounts as people
from signage.services.users.accounts import Token
from signage.web.api.framework.operations import Asked, Page, Paging, Resource, page_of

api = Resource("tokens")


class TokenShown(Struct, frozen=True):
    """A token, not the secret itself. *scope*: what it is limited to; empty: all that its person may."""

    id: int
    user: str
    name: str | None
    scope: tuple[str, ...]
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


class NewToken(Struct, frozen=True, kw_only=True):
    """*user*: whose (default: one's own); *scope*: such as ``read`` or ``takeover.*``."""

    user: str | None = None
    days: int = 90
    scope: tuple[str, ...] = ()
    name: str | None = None


class Secret(Struct, frozen=True):
    """The token, this once."""

    token: str


@api.get("/tokens", "token.view", query=Paging, answer=Page[TokenShown])
def list_(asked: Asked) -> Page[TokenShown]:
    """Tokens, the newest first."""
    cursor = asked.query.cursor
    before = int(cursor) if cursor.isdecimal() and len(cursor) < 18 else 1 << 62
    everybodys = duties.may(asked.actor, "user.view")
    found = [
        _shown(one)
        for one in sorted(people.tokens(asked.office), key=lambda t: -t.number)
        if one.number < before and (everybodys or one.person == asked.actor.id)
    ]
    return page_of(found[: asked.query.limit + 1], asked.query.limit, lambda one: str(one.id))


@api.post("/tokens", "token.add", body=NewToken, answer=Secret, status=201, errors=(404,))
def add(asked: Asked) -> Secret:
    """Make a token; somebody else's only as an administrator."""
    body = asked.body
    whose = body.user or asked.actor.id
    scope = body.scope or asked.actor.scope
    return Secret(people.add_token(asked.office, asked.actor, whose, body.days, scope, body.name))


@api.add("DELETE", "/tokens/{id}", "token.drop", status=204, errors=(404,))
def revoke(asked: Asked) -> None:
    """Let a token be good no more."""
    if not asked.id.isdecimal() or len(asked.id) > 12:
        raise refuse("token-unknown", asked.id[:20], number=asked.id[:20])
    people.revoke_token(asked.office, asked.actor, int(asked.id))


def _shown(token: Token) -> TokenShown:
    return TokenShown(
        token.number, token.person, token.name, token.scope, token.made_at, token.expires_at, token.revoked_at
    )
