"""The bitmap font."""

from signage.pixels.fonts import bitmap


def test_bitmap_glyphs_are_the_exact_pixels_of_the_font():
    image, shift = bitmap.get_glyph("中")
    rows = ["".join("#" if image.getpixel((x, y)) else "." for x in range(16)) for y in range(16)]
    assert shift == 0
    upright, level, sides = ".......#........", "..###########...", "..#....#....#..."
    assert rows == [upright] * 4 + [level] + [sides] * 5 + [level, sides] + [upright] * 4
    assert {bitmap.get_advance("中"), bitmap.get_advance("a")} == {16, 8}
