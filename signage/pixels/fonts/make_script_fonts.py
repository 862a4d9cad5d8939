"""Make the fonts of the scripts that need shaping, from Debian's ``fonts-noto-core``. Run by hand.

    python -m signage.pixels.fonts.make_script_fonts DIR

DIR: the folder with ``NotoSansArabic-Bold.ttf`` and the others. Each font is cut to its letters, keeps its layout
tables and gets a name of its own. Needs fontTools.
"""

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
CodeRanges = tuple[tuple[int, int], ...]
_SPACES_AND_DIGITS: CodeRanges = ((0x20, 0x20), (0x30, 0x39))
_JOINERS: CodeRanges = ((0x200C, 0x200D), (0x25CC, 0x25CC))


@dataclass(frozen=True, slots=True)
class ScriptFont:
    """A font to be made: its source, the file and the name that it gets, and its letters."""

    source: str
    file: str
    name: str
    ranges: CodeRanges


SCRIPT_FONTS = (
    ScriptFont(
        "NotoSansArabic-Bold.ttf",
        "signage-sans-arabic-bold.ttf",
        "Signage Sans Arabic Bold",
        (  # standard Arabic, Uyghur, Kazakh, Kyrgyz; their marks, digits and punctuation
            *((0x60C, 0x60C), (0x61B, 0x61B), (0x61F, 0x61F), (0x621, 0x652), (0x660, 0x66D), (0x670, 0x671)),
            *((0x674, 0x678), (0x67E, 0x67E), (0x686, 0x686), (0x698, 0x698), (0x6A9, 0x6AF), (0x6BA, 0x6BE)),
            *((0x6C0, 0x6C2), (0x6C5, 0x6D0), (0x6D2, 0x6D5), (0x6F0, 0x6F9), (0xAB, 0xAB), (0xBB, 0xBB)),
            *_JOINERS,
        ),
    ),
    ScriptFont(
        "NotoSerifTibetan-Bold.ttf",
        "signage-serif-tibetan-bold.ttf",
        "Signage Serif Tibetan Bold",
        ((0xF00, 0xFDA), *_JOINERS, *_SPACES_AND_DIGITS),
    ),
    ScriptFont(
        "NotoSansMongolian-Regular.ttf",
        "signage-sans-mongolian.ttf",
        "Signage Sans Mongolian",
        (  # Hudum (traditional Mongolian) and Todo, without the letters of Sibe, Manchu and Ali Gali
            *((0x1800, 0x180F), (0x1810, 0x1819), (0x1820, 0x185C), (0x202F, 0x202F)),
            *_JOINERS,
            *_SPACES_AND_DIGITS,
        ),
    ),
    ScriptFont("NotoSansYi-Regular.ttf", "signage-sans-yi.ttf", "Signage Sans Yi", ((0xA000, 0xA4C6),)),
    ScriptFont(
        "NotoSans-Bold.ttf",
        "signage-sans-zhuang-bold.ttf",
        "Signage Sans Zhuang Bold",
        (  # letters of the Zhuang orthography of 1957
            *((0x182, 0x185), (0x18B, 0x18C), (0x19C, 0x19C), (0x19F, 0x19F), (0x1A7, 0x1A8), (0x1BC, 0x1BD)),
            *((0x26F, 0x26F), (0x275, 0x275), (0x14A, 0x14B), (0x427, 0x427), (0x447, 0x447), (0x42C, 0x42D)),
            *((0x417, 0x417), (0x437, 0x437), (0x44C, 0x44D)),
        ),
    ),
)


def make_script_font(font_facts: ScriptFont, folder: Path) -> Path:
    """Write one font beside this file."""
    from fontTools import subset
    from fontTools.ttLib import TTFont

    options = subset.Options(
        layout_features=["*"], hinting=False, name_IDs=[0, 1, 2, 4, 5, 6, 13, 14], notdef_outline=True
    )
    options.drop_tables += ["STAT", "DSIG", "gasp", "GDEF"] if font_facts.name.endswith("Yi") else ["STAT", "DSIG"]
    font = TTFont(folder / font_facts.source, recalcTimestamp=False)
    chooser = subset.Subsetter(options)
    chooser.populate(unicodes=[code for first, last in font_facts.ranges for code in range(first, last + 1)])
    chooser.subset(font)
    names = {1: font_facts.name, 4: font_facts.name, 6: font_facts.name.replace(" ", "")}
    for record in font["name"].names:
        record.string = names.get(record.nameID, record.toUnicode())
    target = HERE / font_facts.file
    font.save(target)
    return target


def main() -> int:
    """Write all fonts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    for font_facts in SCRIPT_FONTS:
        path = make_script_font(font_facts, folder)
        sys.stdout.write(f"{path.name}: {path.stat().st_size} bytes\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
