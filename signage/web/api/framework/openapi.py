"""The description of the API (OpenAPI 3.1), made from the table of operations and their own types."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from signage import __version__
from signage.web.api.framework.operations import JSON, PREFIX, PUBLIC, ApiOperation, EmptyIn
from signage.web.http.problems import PROBLEM_TYPE as PROBLEM
from signage.web.http.problems import format_title
from signage.web.security import cookies_csrf as browser

_SCHEMA_REF = "#/components/schemas/{name}"
_COMMON_ERRORS = (400, 401, 403, 422, 503)


class FaultOut(msgspec.Struct, frozen=True):
    """One thing that is wrong: where, what, and how to mend it."""

    where: str
    what: str
    mend: str
    code: str | msgspec.UnsetType = msgspec.UNSET


class ProblemOut(msgspec.Struct, frozen=True):
    """A refusal (RFC 9457), with every fault."""

    type: str
    title: str
    status: int
    faults: tuple[FaultOut, ...]
    detail: str | msgspec.UnsetType = msgspec.UNSET
    code: str | msgspec.UnsetType = msgspec.UNSET


def build_openapi(operations: Iterable[ApiOperation]) -> dict[str, Any]:
    """The whole description."""
    table = tuple(operations)
    kinds = [kind for one in table for kind in (one.body, one.answer) if _has_schema(kind)]
    shown, components = msgspec.json.schema_components([*dict.fromkeys(kinds), ProblemOut], ref_template=_SCHEMA_REF)
    schemas = dict(zip([*dict.fromkeys(kinds), ProblemOut], shown, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for one in table:
        paths.setdefault(PREFIX + one.path, {})[one.method.lower()] = _describe_operation(one, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "signage",
            "version": __version__,
            "summary": "Campaigns on public screens, with proof of what was shown.",
            "description": _DESCRIPTION,
        },
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": _SECURITY},
        "security": [{"token": []}, {"session": [], "csrf": []}],
    }


_DESCRIPTION = (
    "The same acts as in the console. A token for the API is made there, under “My account”. Lists are read page by"
    " page: ask again with `cursor` until it is null. Every refusal is a problem (RFC 9457) that lists every fault."
    " A time is RFC 3339; without an offset it is in the server's zone."
)
_SECURITY: Mapping[str, Any] = {
    "token": {"type": "http", "scheme": "bearer"},
    "session": {"type": "apiKey", "in": "cookie", "name": browser.SESSION_COOKIE},
    "csrf": {"type": "apiKey", "in": "header", "name": browser.CSRF_HEADER},
}


def _describe_operation(one: ApiOperation, schemas: Mapping[Any, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "operationId": one.endpoint,
        "tags": [one.tag],
        "summary": one.summary,
        "parameters": [*_list_path_parameters(one.path), *_list_query_parameters(one.query)],
        "responses": _describe_responses(one, schemas),
    }
    if one.permission == PUBLIC:
        told["security"] = [{}]
    else:
        told["x-duty"] = one.permission
    if one.headers and one.method != "OPTIONS":
        told["parameters"] += [
            {"name": name, "in": "header", "required": True, "schema": {"const": value}}
            for name, value in one.headers.items()
        ]
    if one.body is not EmptyIn:
        told["requestBody"] = {"required": True, "content": _describe_body(one, schemas)}
    return told


def _describe_body(one: ApiOperation, schemas: Mapping[Any, Any]) -> dict[str, Any]:
    if one.body is bytes:
        return {one.consumes: {"schema": {"type": "string", "format": "binary"}}}
    content = {one.consumes: {"schema": schemas[one.body]}}
    if one.raw and one.consumes == JSON:
        content["application/toml"] = {"schema": {"type": "string"}}
    return content


def _describe_responses(one: ApiOperation, schemas: Mapping[Any, Any]) -> dict[str, Any]:
    good: dict[str, Any] = {"description": format_title(one.status)}
    if one.answer in (str, bytes):
        good["content"] = {one.produces: {"schema": {"type": "string"}}}
    elif one.answer is not None:
        good["content"] = {one.produces: {"schema": schemas[one.answer]}}
    problem = {PROBLEM: {"schema": schemas[ProblemOut]}}
    wrong = {
        str(s): {"description": format_title(s), "content": problem} for s in sorted({*_COMMON_ERRORS, *one.errors})
    }
    return {str(one.status): good, **wrong}


def _list_path_parameters(path: str) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
        for name in re.findall(r"{(\w+)}", path)
    ]


def _list_query_parameters(kind: type) -> list[dict[str, Any]]:
    if kind is EmptyIn:
        return []
    found = []
    for one in msgspec.structs.fields(kind):
        schema = dict(msgspec.json.schema(one.type))
        if one.name == "limit":
            schema |= {"minimum": 1, "maximum": 1000}
        if not one.required:
            schema["default"] = one.default
        found.append({"name": one.encode_name, "in": "query", "required": one.required, "schema": schema})
    return found


def _has_schema(kind: Any) -> bool:
    return kind not in (None, EmptyIn, str, bytes)
