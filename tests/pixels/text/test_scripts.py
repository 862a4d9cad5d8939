"""Scripts that need shaping: letters join and stack, lines stand in reading order, what cannot be set is refused."""

import pytest
from PIL import Image

from signage.faults import Refused
from signage.model.item import Style
from signage.model.toml.forbidden_characters import find_forbidden_character
from signage.pixels.fonts.shaping import measure_word, render_word
from signage.pixels.slogan.legibility import check_legibility
from signage.pixels.slogan.slogan import layout_slogan, render_slogan
from signage.pixels.text.normalize import normalize_text
from signage.pixels.text.scripts import ARABIC, MONGOLIAN, SCRIPT_FACES, TIBETAN
from tests.pixels.panels import PANELS, SCRIPT_TEXTS

ROOF = PANELS["taxi-192x64"]


def render(text: str, effect: str = "auto", panel_id: str = "taxi-192x64") -> Image.Image:
    return render_slogan(layout_slogan(text, Style(effect=effect), PANELS[panel_id], 8000))  # type: ignore[arg-type]


def count_connected_parts(image: Image.Image) -> int:
    """Return how many connected parts the ink of *image* has."""
    ink = {(x, y) for y in range(image.height) for x in range(image.width) if image.getpixel((x, y)) > 100}  # type: ignore[operator]
    parts = 0
    while ink:
        parts, queue = parts + 1, [ink.pop()]
        while queue:
            x, y = queue.pop()
            near = {(x + dx, y + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)} & ink
            ink -= near
            queue += near
    return parts


@pytest.mark.parametrize(("word", "parts"), [("مەن", 3), ("لا", 1), ("كىشى", 2)])
def test_arabic_letters_join_as_they_must(word: str, parts: int) -> None:
    """ە joins the letter before it and none after; لا is one sign; dots count as parts of their own."""
    glyph = render_word(measure_word(word, ARABIC, is_rtl=True), 64, False)
    assert count_connected_parts(glyph.image) == parts


def test_a_word_is_narrower_than_its_letters_alone() -> None:
    for word, face, is_rtl in (("مەكتەپ", ARABIC, True), ("ᠮᠣᠩᠭᠣᠯ", MONGOLIAN, False), ("བརྒྱུད", TIBETAN, False)):
        alone = sum(measure_word(letter, face, is_rtl).advance for letter in word)
        assert measure_word(word, face, is_rtl).advance < alone


@pytest.mark.parametrize("text", SCRIPT_TEXTS[:-1])
def test_the_fonts_have_every_letter_of_the_scripts(text: str) -> None:
    codes = {fault.code for fault in check_legibility(text, Style(), PANELS["taxi-384x128"], 8000)}
    assert not codes & {"glyph-missing", "glyph-substituted", "character-dropped", "script-not-set"}


def test_no_letter_of_a_face_is_missing_from_its_font() -> None:
    letters = {
        "Arab": "ئائەبپتجچخدرزژسشغفقكگڭلمنھوۇۆۈۋېىيءاءأإؤةحعصضطظذث،؛؟٠١٢٣٤٥٦٧٨٩ٵٴٶٷٸ",
        "Tibt": "ཀཁགངཅཆཇཉཏཐདནཔཕབམཙཚཛཝཞཟའཡརལཤསཧཨ༠༡༢༣༤༥༦༧༨༩་།",
        "Mong": "ᠠᠡᠢᠣᠤᠥᠦᠧᠨᠩᠪᠫᠬᠭᠮᠯᠰᠱᠲᠳᠴᠵᠶᠷᠸᠹᠺ᠐᠑᠂᠃",
    }
    for face in SCRIPT_FACES:
        for letter in letters.get(face.tag, ""):
            assert not measure_word(letter, face, is_rtl=face is ARABIC).missing, (face.tag, letter)


def test_lines_and_pages_stand_in_reading_order() -> None:
    """The first line holds the first words, at its right end the first of all."""
    text = "بىر ئىككى ئۈچ تۆت بەش ئالتە يەتتە سەككىز توققۇز ئون " * 4
    layout = layout_slogan(text.strip(), Style(effect="pages"), ROOF, 8000)
    assert layout.kind == "pages"
    lines = [line.text.strip() for placed in layout.placed_blocks for line in placed.block.lines]
    assert " ".join(lines) == text.strip()


@pytest.mark.parametrize("text", ["ئىستېمالچىلار ھوقۇقىنى قوغداش " * 6, "ᠮᠣᠩᠭᠣᠯ ᠪᠢᠴᠢᠭ " * 6])
def test_what_a_scroll_would_show_backwards_does_not_scroll(text: str) -> None:
    for effect in ("auto", "scroll"):
        layout = layout_slogan(text.strip(), Style(effect=effect), ROOF, 8000)  # type: ignore[arg-type]
        assert layout.kind in ("still", "pages")
        lines = [line.text for placed in layout.placed_blocks for line in placed.block.lines]
        assert " ".join(" ".join(lines).split()) == text.strip()


def test_mongolian_stands_in_columns_from_left_to_right() -> None:
    """The long word is the first column, the short one the second."""
    picture = render("ᠬᠡᠷᠡᠭᠯᠡᠭᠴᠢ ᠶᠢᠨ", panel_id="taxi-384x128").convert("L")
    columns = [x for x in range(picture.width) if picture.crop((x, 0, x + 1, picture.height)).getbbox()]
    gap = max(range(1, len(columns)), key=lambda n: columns[n] - columns[n - 1])
    first = picture.crop((0, 0, columns[gap - 1] + 1, picture.height)).getbbox()
    second = picture.crop((columns[gap], 0, picture.width, picture.height)).getbbox()
    assert first is not None and second is not None
    assert first[3] - first[1] > 2 * (second[3] - second[1])
    assert first[3] - first[1] > 2 * (first[2] - first[0])


@pytest.mark.parametrize(
    ("text", "panel_id", "code"),
    [
        ("हिन्दी", "taxi-192x64", "script-not-set"),
        ("ไม่", "taxi-192x64", "script-not-set"),
        ("ᠮᠣᠩᠭᠣᠯ 消费", "taxi-192x64", "script-mixed"),
        ("བོད་ཡིག", "roof-128x16", "script-too-small"),
        ("ᠬᠡᠷᠡᠭᠯᠡᠭᠴᠢ", "roof-128x16", "word-too-long"),
    ],
)
def test_what_cannot_be_set_is_refused_by_name(text: str, panel_id: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        layout_slogan(text, Style(), PANELS[panel_id], 8000)
    assert [fault.code for fault in refused.value.faults] == [code]


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("👍🏽", "👍"),
        ("1️⃣", "1"),
        ("❤️", "❤"),
        ("👨‍👩‍👧", "👨👩👧"),
        ("🇨🇳", "CN"),
        ("葛\U000e0100", "葛"),
        ("🏴\U000e0067\U000e007f", "🏴"),
    ],
)
def test_signs_that_are_not_drawn_by_their_nature_are_left_out_silently(text: str, drawn: str) -> None:
    assert normalize_text(text) == (drawn, ())


def test_joiners_between_letters_of_a_shaped_script_stay() -> None:
    for text in ("ن\u200cن", "ᠠ\u180b", "ᠶ\u180eᠠ"):
        assert normalize_text(text) == (text, ())


@pytest.mark.parametrize("char", ["\ue000", "\U000f0000", "\u0378", "\U000e0080"])
def test_private_use_and_unassigned_characters_are_refused(char: str) -> None:
    assert find_forbidden_character("a" + char, multiline=True) == (f"U+{ord(char):04X}", 2)
