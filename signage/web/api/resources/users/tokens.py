"""Tokens for the API: one's own; everybody's for who may see people."""

from datetime import datetime

from msgspec import Struct

from signage.faults import refuse
from signage.model import permissions as duties
from signage.services.users import accounts as people
from signage.services.users.accounts import ApiTokenRow
from signage.web.api.framework.operations import ApiRequest, ApiResource, PageOut, PageQuery, build_page

api = ApiResource("tokens")


class TokenOut(Struct, frozen=True):
    """A token, not the secret itself. *scope*: what it is limited to; empty: all that its person may."""

    id: int
    user: str
    name: str | None
    scope: tuple[str, ...]
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


class TokenIn(Struct, frozen=True, kw_only=True):
    """*user*: whose (default: one's own); *scope*: such as ``read`` or ``takeover.*``."""

    user: str | None = None
    days: int = 90
    scope: tuple[str, ...] = ()
    name: str | None = None


class TokenSecretOut(Struct, frozen=True):
    """The token, this once."""

    token: str


@api.get("/tokens", "token.view", query=PageQuery, answer=PageOut[TokenOut])
def list_(asked: ApiRequest) -> PageOut[TokenOut]:
    """Tokens, the newest first."""
    cursor = asked.query.cursor
    before = int(cursor) if cursor.isdecimal() and len(cursor) < 18 else 1 << 62
    everybodys = duties.is_allowed(asked.actor, "user.view")
    found = [
        _build_token_out(one)
        for one in sorted(people.list_tokens(asked.context), key=lambda t: -t.number)
        if one.number < before and (everybodys or one.user_id == asked.actor.id)
    ]
    return build_page(found[: asked.query.limit + 1], asked.query.limit, lambda one: str(one.id))


@api.post("/tokens", "token.add", body=TokenIn, answer=TokenSecretOut, status=201, errors=(404,))
def add(asked: ApiRequest) -> TokenSecretOut:
    """Make a token; somebody else's only as an administrator."""
    body = asked.body
    whose = body.user or asked.actor.id
    scope = body.scope or asked.actor.scope
    return TokenSecretOut(people.create_token(asked.context, asked.actor, whose, body.days, scope, body.name))


@api.add("DELETE", "/tokens/{id}", "token.drop", status=204, errors=(404,))
def revoke(asked: ApiRequest) -> None:
    """Let a token be good no more."""
    if not asked.id.isdecimal() or len(asked.id) > 12:
        raise refuse("token-unknown", asked.id[:20], number=asked.id[:20])
    people.revoke_token(asked.context, asked.actor, int(asked.id))


def _build_token_out(token: ApiTokenRow) -> TokenOut:
    return TokenOut(
        token.number, token.user_id, token.name, token.scope, token.made_at, token.expires_at, token.revoked_at
    )
