"""The visual order of lines (UAX #9); the expected orders are those of GNU FriBidi 1.0.8."""

import pytest

from signage.pixels.text import bidi

CASES = [
    ("مەن مەكتەپ", "پەتكەم نەم"),
    ("ھوقۇقى 12315", "12315 ىقۇقوھ"),
    ("消费 בית 123 אב 安全", "消费 בא 123 תיב 安全"),
    ("سالام (2021-يىلى)", "(ىلىي-2021) مالاس"),
    ("a(بت)b", "a(تب)b"),
    ("(a) بت", "(a) تب"),
    ("بت [c] ا", "ا [c] تب"),
    ("5% ا", "ا 5%"),
    ("١٢.٣ ا", "ا ١٢.٣"),
    ("12,5 ا-3", "3-ا 12,5"),
]


def reorder(text: str, start: int = 0, stop: int | None = None) -> str:
    levels = bidi.resolve_levels(text)
    assert levels is not None
    order = bidi.order_line(text, levels, start, len(text) if stop is None else stop)
    return "".join(bidi.mirror(text[i]) if levels[i] % 2 else text[i] for i in order)


@pytest.mark.parametrize(("text", "visual"), CASES)
def test_a_line_is_in_visual_order(text: str, visual: str) -> None:
    assert reorder(text) == visual


def test_lines_are_broken_before_they_are_reordered() -> None:
    """The first line holds the first words, and its own space at the end stands on the side where it ends."""
    text = "مەن مەكتەپ بالا"
    assert reorder(text, 0, 11).strip() == "پەتكەم نەم"
    assert reorder(text, 11) == "الاب"


def test_text_without_right_to_left_letters_has_no_levels() -> None:
    assert bidi.resolve_levels("守护安全 (2021)") is None
    assert bidi.get_base_level("守护安全 ئا") == 0
    assert bidi.get_base_level("(12) ئا 守护") == 1


@pytest.mark.parametrize("text", ["(" * 200 + "ا", "ا" + "]" * 200, "﷽", "ا\u0301\u0301", "  ا  "])
def test_any_text_keeps_each_character_once(text: str) -> None:
    levels = bidi.resolve_levels(text)
    assert levels is not None
    assert sorted(bidi.order_line(text, levels, 0, len(text))) == list(range(len(text)))
