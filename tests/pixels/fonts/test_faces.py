"""The characters of both fonts."""

import pytest

from signage.pixels.fonts import bitmap, outline


@pytest.mark.slow
def test_the_fonts_have_the_promised_characters():
    import codecs

    gb2312 = [bytes((r, c)) for r in range(0xB0, 0xF8) for c in range(0xA1, 0xFF)]
    for raw in gb2312:
        try:
            char = codecs.decode(raw, "gb2312")
        except UnicodeDecodeError:
            continue
        assert outline.has_glyph(char) and bitmap.has_glyph(char), char
    from signage.pixels.slogan.legibility import load_standard_characters

    assert [c for c in load_standard_characters() if not outline.has_glyph(c)] == []
    assert all(outline.has_glyph(c) for c in "AZaz09，。、；：？！“”‘’（）《》【】—…·%℃￥é")
    assert not outline.has_glyph("م")
