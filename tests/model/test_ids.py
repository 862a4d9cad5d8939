"""Ids, and the words by which screens and content are grouped."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signage.model.ids import MAX_WORD_LENGTH, is_word, normalize_word


@pytest.mark.parametrize(
    "text", ["公交站", "城区-北", "buses", "A区_3", "ئۇيغۇر", "བོད", "ᠮᠣᠩᠭᠣᠯ", "二〇二一", "a·b", "站" * 30]
)
def test_letters_and_digits_of_any_script_are_a_word(text: str) -> None:
    assert is_word(text)


@pytest.mark.parametrize(
    "text", ["", "-北", "北-", "公交 站", "a:b", "a!b", "*", "站" * 31, "e\u0301", "\u0301e", "a\n"]
)
def test_other_text_is_no_word(text: str) -> None:
    assert not is_word(text)


@given(st.text(st.characters(categories=("L", "Nd")), min_size=1, max_size=MAX_WORD_LENGTH))
def test_every_text_of_letters_and_digits_is_a_word_once_normalized(text: str) -> None:
    word = normalize_word(text)
    assert is_word(word) == (len(word) <= MAX_WORD_LENGTH)
    assert unicodedata.is_normalized("NFC", word)
