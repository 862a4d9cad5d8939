"""Make the fonts that the package ships, from their public sources. Run by hand, when a source changes.

    python -m signage.pixels.fonts.make_subsets --noto NotoSansSC_500Medium.ttf --unifont DIR --unihan FILE.bz2

Sources: ``NotoSansSC_500Medium.ttf`` of the npm package ``@expo-google-fonts/noto-sans-sc``; ``unifont.otf`` and
``unifont_upper.otf`` of Debian's ``fonts-unifont`` in DIR; ``Unihan_OtherMappings.txt`` (plain or bz2) of Debian's
``unicode-data``, whose field kTGH is the Table of General Standard Chinese Characters (2013). ``--unihan`` may be
left out: the table is kept beside this file as ``general-standard.txt``. Needs fontTools.
"""

import argparse
import bz2
import gzip
import struct
import sys
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

HERE = Path(__file__).parent
CELL = 16
EXTRA_CODE_RANGES = (
    (0x20, 0x7E),
    (0xA0, 0x17F),
    (0x1CD, 0x1DC),
    (0x391, 0x3C9),
    (0x401, 0x451),
    (0x2010, 0x2027),
    (0x2030, 0x203B),
    (0x2070, 0x209C),
    (0x20A0, 0x20BF),
    (0x2100, 0x2199),
    (0x2200, 0x22A5),
    (0x2460, 0x249B),
    (0x2500, 0x257F),
    (0x25A0, 0x25EF),
    (0x2605, 0x2642),
    (0x3000, 0x3020),
    (0x3041, 0x30FF),
    (0x3105, 0x312F),
    (0x3220, 0x3229),
    (0xFF01, 0xFF5E),
    (0xFFE0, 0xFFE6),
)


def read_standard_characters(unihan: Path | None) -> str:
    """Return the 8,105 characters in the order of the table; parsed from *unihan* if given."""
    kept = HERE / "general-standard.txt"
    if unihan is not None:
        raw = unihan.read_bytes()
        text = (bz2.decompress(raw) if unihan.suffix == ".bz2" else raw).decode()
        found = []
        for line in text.splitlines():
            if "\tkTGH\t" in line:
                code, _, value = line.split("\t")
                found.append((int(value.split(":")[1]), chr(int(code[2:], 16))))
        letters = "".join(c for _, c in sorted(found))
        rows = [letters[i : i + 100] for i in range(0, len(letters), 100)]
        kept.write_text("\n".join(rows) + "\n", "utf-8")
    return kept.read_text("utf-8").replace("\n", "")


def list_gb2312_characters() -> str:
    """Return all characters of GB 2312, by Python's codec."""
    found = []
    for row in range(0xA1, 0xF8):
        for cell in range(0xA1, 0xFF):
            try:
                found.append(bytes((row, cell)).decode("gb2312"))
            except UnicodeDecodeError:
                continue
    return "".join(found)


def make_outline(source: Path, letters: str) -> Path:
    """Write the outline font for 24 px and more, under its own name."""
    from fontTools import subset
    from fontTools.ttLib import TTFont

    options = subset.Options(
        layout_features=[], hinting=False, name_IDs=[0, 1, 2, 4, 5, 6, 13, 14], notdef_outline=True, recalc_bounds=True
    )
    options.drop_tables += ["BASE", "GDEF", "GPOS", "GSUB", "STAT", "vhea", "vmtx", "VORG", "DSIG", "gasp"]
    font = TTFont(source, recalcTimestamp=False)
    chooser = subset.Subsetter(options)
    chooser.populate(text=letters)
    chooser.subset(font)
    names = {1: "Signage Sans SC Medium", 4: "Signage Sans SC Medium", 6: "SignageSansSC-Medium"}
    for record in font["name"].names:
        record.string = names.get(record.nameID, record.toUnicode())
    target = HERE / "signage-sans-sc-medium.ttf"
    font.save(target)
    return target


def make_bitmaps(folder: Path) -> Path:
    """Return every glyph of Unifont as 16×16 bits: count, codes, advances, shifts, then bitmaps, all gzipped.

    The outlines follow the edges of the bitmaps, so rendering at 16 px gives the exact dots.
    """
    from fontTools.ttLib import TTFont

    glyphs: dict[int, tuple[int, int, bytes]] = {}
    for name in ("unifont.otf", "unifont_upper.otf"):
        table = TTFont(folder / name, lazy=True)
        widths, units = table["hmtx"], table["head"].unitsPerEm
        font = ImageFont.truetype(str(folder / name), CELL, layout_engine=ImageFont.Layout.BASIC)
        for code, glyph in table.getBestCmap().items():
            if 0xE000 <= code <= 0xF8FF or code in glyphs:
                continue
            cell = _render_cell(font, chr(code))
            if cell is not None:
                glyphs[code] = (round(widths[glyph][0] * CELL / units), *cell)
    codes = sorted(glyphs)
    body = struct.pack("<I", len(codes)) + b"".join(struct.pack("<I", c) for c in codes)
    body += bytes(glyphs[c][0] for c in codes) + struct.pack(f"{len(codes)}b", *(glyphs[c][1] for c in codes))
    body += b"".join(glyphs[c][2] for c in codes)
    target = HERE / "unifont-16.gz"
    target.write_bytes(gzip.compress(body, 9, mtime=0))
    return target


def _render_cell(font: ImageFont.FreeTypeFont, char: str) -> tuple[int, bytes] | None:
    """Return the shift of the cell from the pen position and its 32 bytes; None for a glyph wider than a cell."""
    page = Image.new("1", (4 * CELL, CELL))
    draw = ImageDraw.Draw(page)
    draw.fontmode = "1"
    draw.text((2 * CELL, 14), char, font=font, fill=1, anchor="ls")
    box = page.getbbox()
    if box is None:
        return 0, bytes(2 * CELL)
    shift = 0 if box[0] >= 2 * CELL and box[2] <= 3 * CELL else box[0] - 2 * CELL
    if box[2] - 2 * CELL - shift > CELL:
        return None
    return shift, page.crop((2 * CELL + shift, 0, 3 * CELL + shift, CELL)).tobytes()


def main() -> int:
    """Write the files that the arguments select."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--noto", type=Path)
    parser.add_argument("--unifont", type=Path)
    parser.add_argument("--unihan", type=Path)
    asked = parser.parse_args()
    letters = read_standard_characters(asked.unihan) + list_gb2312_characters()
    letters += "".join(chr(c) for first, last in EXTRA_CODE_RANGES for c in range(first, last + 1))
    made = [make_outline(asked.noto, letters)] if asked.noto else []
    made += [make_bitmaps(asked.unifont)] if asked.unifont else []
    for path in made:
        sys.stdout.write(f"{path.name}: {path.stat().st_size} bytes\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
