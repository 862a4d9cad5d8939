"""Every code that the library gives has its sentences, in both languages, and they fit its facts."""

import re
from pathlib import Path

import signage.library
from signage.messages import catalogue

ROOM = Path(signage.library.__file__).parent
CODE = re.compile(r'"((?:clip|library|upload|rendition|panel)-[a-z-]+)"')


def test_every_code_has_its_sentences() -> None:
    codes = {code for path in ROOM.rglob("*.py") for code in CODE.findall(path.read_text("utf-8"))}
    codes |= {"rendition-gave-up"}
    assert len(codes) > 25
    for code in codes:
        entry = catalogue()[code]
        assert {"en", "zh", "en_mend", "zh_mend"} <= entry.keys(), code
        blanks = [set(re.findall(r"{(\w+)}", entry[key])) for key in ("en", "zh")]
        assert blanks[0] == blanks[1], code
