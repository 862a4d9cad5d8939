"""Names and addresses for people to read: one short line of any script."""

from signage.model.toml.findings import ellipsize
from signage.model.toml.forbidden_characters import find_forbidden_character

MAX_NAME_LENGTH = 60
MAX_ADDRESS_LENGTH = 200


def find_name_fault(text: str, most: int = MAX_NAME_LENGTH) -> tuple[str, dict[str, object]] | None:
    """Return the code and the facts of what is wrong with a name, None where nothing is."""
    if len(text) > most:
        return "name-too-long", {"most": most, "length": len(text), "name": ellipsize(text)}
    if not text.strip() or find_forbidden_character(text, multiline=False):
        return "name-unreadable", {"name": ellipsize(text)}
    return None


def clean_name(text: str | None) -> str | None:
    """Return *text* without spaces around it; None where nothing is left."""
    return (text or "").strip() or None
