"""API tokens: the caller's own; everybody's with the permission to view users."""

from datetime import datetime

from msgspec import Struct

from signage.faults import refuse
from signage.model import permissions
from signage.services.users import api_tokens
from signage.services.users.api_tokens import ApiTokenRow
from signage.web.api.framework.operations import (
    ApiRequest,
    ApiResource,
    PageOut,
    PageQuery,
    build_page,
    parse_numeric_cursor,
)

api = ApiResource("tokens")


class TokenOut(Struct, frozen=True):
    """A token without its secret. *scope*: its limits; empty: everything that its user may do."""

    id: int
    user: str
    name: str | None
    scope: tuple[str, ...]
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


class TokenIn(Struct, frozen=True, kw_only=True):
    """*user*: the owner (default: the caller); *scope*: such as ``read`` or ``takeover.*``."""

    user: str | None = None
    days: int = 90
    scope: tuple[str, ...] = ()
    name: str | None = None


class TokenSecretOut(Struct, frozen=True):
    """The token's secret, shown only now."""

    token: str


@api.get("/tokens", "token.view", query=PageQuery, answer=PageOut[TokenOut])
def list_(api_request: ApiRequest) -> PageOut[TokenOut]:
    """List tokens, newest first."""
    cursor = api_request.query.cursor
    max_number = parse_numeric_cursor(cursor) or 1 << 62
    sees_all = permissions.is_allowed(api_request.actor, "user.view")
    tokens = [
        _build_token_out(token)
        for token in sorted(api_tokens.list_tokens(api_request.app), key=lambda t: -t.number)
        if token.number < max_number and (sees_all or token.user_id == api_request.actor.id)
    ]
    return build_page(tokens[: api_request.query.limit + 1], api_request.query.limit, lambda token: str(token.id))


@api.post("/tokens", "token.add", body=TokenIn, answer=TokenSecretOut, status=201, errors=(404,))
def add(api_request: ApiRequest) -> TokenSecretOut:
    """Create a token; for another user only as an administrator."""
    body = api_request.body
    user_id = body.user or api_request.actor.id
    scope = body.scope or api_request.actor.scope
    return TokenSecretOut(
        api_tokens.create_token(api_request.app, api_request.actor, user_id, body.days, scope, body.name)
    )


@api.add("DELETE", "/tokens/{id}", "token.drop", status=204, errors=(404,))
def revoke(api_request: ApiRequest) -> None:
    """Revoke a token."""
    if not api_request.id.isdecimal() or len(api_request.id) > 12:
        raise refuse("token-unknown", api_request.id[:20], number=api_request.id[:20])
    api_tokens.revoke_token(api_request.app, api_request.actor, int(api_request.id))


def _build_token_out(token: ApiTokenRow) -> TokenOut:
    return TokenOut(
        token.number, token.user_id, token.name, token.scope, token.made_at, token.expires_at, token.revoked_at
    )
