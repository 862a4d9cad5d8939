"""Generates the API description (OpenAPI 3.1) from the table of operations and their types."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from signage import __version__
from signage.web.api.framework.operations import JSON, PREFIX, PUBLIC, ApiOperation, EmptyIn
from signage.web.http.problems import PROBLEM_TYPE as PROBLEM
from signage.web.http.problems import format_title
from signage.web.security import cookies_csrf

_SCHEMA_REF = "#/components/schemas/{name}"
_COMMON_ERRORS = (400, 401, 403, 422, 503)


class FaultOut(msgspec.Struct, frozen=True):
    """One fault: the field, the message and the hint."""

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
    """Return the OpenAPI document."""
    all_operations = tuple(operations)
    types = [
        body_or_answer
        for operation in all_operations
        for body_or_answer in (operation.body, operation.answer)
        if _has_schema(body_or_answer)
    ]
    type_schemas, components = msgspec.json.schema_components(
        [*dict.fromkeys(types), ProblemOut], ref_template=_SCHEMA_REF
    )
    schemas = dict(zip([*dict.fromkeys(types), ProblemOut], type_schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for operation in all_operations:
        paths.setdefault(PREFIX + operation.path, {})[operation.method.lower()] = _describe_operation(
            operation, schemas
        )
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
    "session": {"type": "apiKey", "in": "cookie", "name": cookies_csrf.SESSION_COOKIE},
    "csrf": {"type": "apiKey", "in": "header", "name": cookies_csrf.CSRF_HEADER},
}


def _describe_operation(operation: ApiOperation, schemas: Mapping[Any, Any]) -> dict[str, Any]:
    description: dict[str, Any] = {
        "operationId": operation.endpoint,
        "tags": [operation.tag],
        "summary": operation.summary,
        "parameters": [*_list_path_parameters(operation.path), *_list_query_parameters(operation.query)],
        "responses": _describe_responses(operation, schemas),
    }
    if operation.permission == PUBLIC:
        description["security"] = [{}]
    else:
        description["x-duty"] = operation.permission
    if operation.headers and operation.method != "OPTIONS":
        description["parameters"] += [
            {"name": name, "in": "header", "required": True, "schema": {"const": value}}
            for name, value in operation.headers.items()
        ]
    if operation.body is not EmptyIn:
        description["requestBody"] = {"required": True, "content": _describe_body(operation, schemas)}
    return description


def _describe_body(operation: ApiOperation, schemas: Mapping[Any, Any]) -> dict[str, Any]:
    if operation.body is bytes:
        return {operation.consumes: {"schema": {"type": "string", "format": "binary"}}}
    content = {operation.consumes: {"schema": schemas[operation.body]}}
    if operation.raw and operation.consumes == JSON:
        content["application/toml"] = {"schema": {"type": "string"}}
    return content


def _describe_responses(operation: ApiOperation, schemas: Mapping[Any, Any]) -> dict[str, Any]:
    good: dict[str, Any] = {"description": format_title(operation.status)}
    if operation.answer in (str, bytes):
        good["content"] = {operation.produces: {"schema": {"type": "string"}}}
    elif operation.answer is not None:
        good["content"] = {operation.produces: {"schema": schemas[operation.answer]}}
    problem = {PROBLEM: {"schema": schemas[ProblemOut]}}
    wrong = {
        str(s): {"description": format_title(s), "content": problem}
        for s in sorted({*_COMMON_ERRORS, *operation.errors})
    }
    return {str(operation.status): good, **wrong}


def _list_path_parameters(path: str) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
        for name in re.findall(r"{(\w+)}", path)
    ]


def _list_query_parameters(kind: type) -> list[dict[str, Any]]:
    if kind is EmptyIn:
        return []
    parameters = []
    for field in msgspec.structs.fields(kind):
        schema = dict(msgspec.json.schema(field.type))
        if field.name == "limit":
            schema |= {"minimum": 1, "maximum": 1000}
        if not field.required:
            schema["default"] = field.default
        parameters.append({"name": field.encode_name, "in": "query", "required": field.required, "schema": schema})
    return parameters


def _has_schema(kind: Any) -> bool:
    return kind not in (None, EmptyIn, str, bytes)
