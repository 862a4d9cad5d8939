"""Checks of free text that people enter."""

from signage.faults import Fault, FaultLocation
from signage.model.toml.forbidden_characters import find_forbidden_character


def check_text(key: str, text: str, max_chars: int, *, required: bool = True) -> list[Fault]:
    """Return the fault of *text* in the field *key*: missing, too long, or a character that is not allowed."""
    location = FaultLocation(key=key)
    if not text.strip():
        return [Fault("error", "said-missing", location)] if required else []
    if len(text) > max_chars:
        return [Fault("error", "said-too-long", location, {"most": max_chars, "length": len(text)})]
    forbidden = find_forbidden_character(text, multiline=True)
    if forbidden is None:
        return []
    return [Fault("error", "said-forbidden", location, {"character": forbidden[0], "place": forbidden[1]})]
