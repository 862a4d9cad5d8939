"""Make the word list by which lines are broken between words. Run by hand, when the source changes.

    python -m signage.pixels.fonts.make_words dict.txt

The source is ``jieba/dict.txt`` of the PyPI package ``jieba`` (MIT): a word, how often it was counted, its class. Kept
are words of up to four Chinese characters; a row of the list holds the words counted between 2ⁿ and 2ⁿ⁺¹ times.
"""

import gzip
import re
import sys
from pathlib import Path

MIN_COUNT = 20
OFFICE_WORDS = (
    "提振",
    "预付卡",
    "以旧换新",
    "反诈",
    "诚信",
    "共筑",
    "换货",
    "扫码",
    "收款方",
    "无理由",
    "质保",
    "食药",
)
"""Words of public notices that the source counts too rarely or not at all, as if counted 512 times."""
HAN_WORD_PATTERN = re.compile("[㐀-鿿]{1,4}")


def main(source: Path) -> int:
    """Write ``words.gz`` beside this file."""
    rows: dict[int, list[str]] = {}
    for line in source.read_text("utf-8").splitlines():
        word, count, *_ = line.split(" ")
        if HAN_WORD_PATTERN.fullmatch(word) and int(count) >= MIN_COUNT:
            rows.setdefault(int(count).bit_length() - 1, []).append(word)
    rows.setdefault(9, []).extend(OFFICE_WORDS)
    text = "".join(f"{n} {' '.join(sorted(rows[n]))}\n" for n in sorted(rows))
    Path(__file__).with_name("words.gz").write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1])))
