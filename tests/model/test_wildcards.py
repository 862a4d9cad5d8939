"""Wildcards."""

import re
import time

from hypothesis import given, settings
from hypothesis import strategies as st

from signage.model.wildcards import compile_wildcard


@settings(max_examples=200)
@given(st.text("ab-*?", max_size=8), st.text("ab-", max_size=8))
def test_a_star_matches_any_number_of_characters_and_a_question_mark_one(pattern: str, word: str) -> None:
    plain = "".join(".*" if c == "*" else "." if c == "?" else re.escape(c) for c in pattern)
    assert bool(compile_wildcard(pattern)(word)) == bool(re.fullmatch(plain, word))


def test_other_characters_match_themselves() -> None:
    assert not compile_wildcard("[a]*")("a")
    assert not compile_wildcard("a.*")("ab")


def test_many_stars_take_no_longer_than_few() -> None:
    began = time.process_time()
    assert not compile_wildcard("*a" * 30 + "b")("a" * 64)
    assert time.process_time() - began < 0.1
