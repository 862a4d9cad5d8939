"""Ids, and the words by which screens and content are grouped (contract, "Words").

An id is of campaigns, items, dayparts, screens, kinds, panels and users. A word is a group, a tag or a unit.
"""

import re
import unicodedata

ID_PATTERN = re.compile(r"[a-z0-9][a-z0-9-]{0,63}\Z")
MAX_WORD_LENGTH = 30
WORD_SEPARATORS = "-_·"


def is_id(text: str) -> bool:
    """Return whether *text* is a well-formed id."""
    return ID_PATTERN.match(text) is not None


def is_word(text: str) -> bool:
    """Return whether *text* is a well-formed group, tag or unit: letters and digits of any script, in NFC.

    ``-``, ``_`` and ``·`` stand between them; a combining mark belongs to the letter before it.
    """
    return (
        1 <= len(text) <= MAX_WORD_LENGTH
        and unicodedata.is_normalized("NFC", text)
        and _is_letter_or_digit(text[0])
        and text[-1] not in WORD_SEPARATORS
        and all(is_word_character(character) for character in text)
    )


def is_word_character(character: str) -> bool:
    """Return whether *character* may stand inside a word."""
    return (
        character in WORD_SEPARATORS
        or _is_letter_or_digit(character)
        or unicodedata.category(character) in ("Mn", "Mc")
    )


def normalize_word(text: str) -> str:
    """Return *text* in NFC, so that equal words are equal characters."""
    return unicodedata.normalize("NFC", text)


def _is_letter_or_digit(character: str) -> bool:
    category = unicodedata.category(character)
    return category[0] == "L" or category in ("Nd", "Nl")
