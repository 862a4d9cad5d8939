"""Decodes JSON that outsiders send: every way in which it can be unreadable is one error, too deep nesting included."""

from typing import Any, TypeVar, cast

import msgspec

T = TypeVar("T")


class JsonError(ValueError):
    """The text is not JSON, or not of the type that is asked for."""


def decode_json_as(data: bytes | str, kind: type[T]) -> T:
    """Decode *data* as a *kind*. Raises JsonError."""
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, UnicodeError, RecursionError, OverflowError) as error:
        raise JsonError(str(error) or type(error).__name__) from error


def decode_any_json(data: bytes | str) -> Any:
    """Decode *data* without asking for a type. Raises JsonError."""
    return decode_json_as(data, cast("type[Any]", object))
