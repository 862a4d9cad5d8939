"""Scripts beyond Chinese and Latin: which are set by the shaping engine, and which cannot be set.

The letters of a shaped script change their form with their neighbours (Arabic, Mongolian), or stand above and below
one another (Tibetan); Yi and the old letters of Zhuang only need a font of their own. Chinese public screens in five
regions are bilingual by law. A script that needs shaping and has no font here is refused by name, not drawn wrongly.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

_JOINERS = "\u200c\u200d"


@dataclass(frozen=True, slots=True)
class ScriptFace:
    """The font of a script. *tag*: ISO 15924; *letters*: a regular expression's character class.

    *scale*, *baseline*: the em of the font in the em box of a line, and its baseline from the top of that box, both in
    thousandths; *least_px*: the smallest size; *is_word*: letters join to words (else each stands alone).
    """

    tag: str
    file: str
    letters: str
    scale: int
    baseline: int
    least_px: int = 16
    is_word: bool = True


ARABIC = ScriptFace(
    "Arab", "signage-sans-arabic-bold.ttf", "\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff", scale=720, baseline=712
)
TIBETAN = ScriptFace("Tibt", "signage-serif-tibetan-bold.ttf", "\u0f00-\u0fff", scale=570, baseline=632, least_px=24)
MONGOLIAN = ScriptFace("Mong", "signage-sans-mongolian.ttf", "\u1800-\u18af\u202f", scale=870, baseline=826)
YI = ScriptFace("Yiii", "signage-sans-yi.ttf", "\ua000-\ua4c6", scale=1200, baseline=900, least_px=24, is_word=False)
ZHUANG = ScriptFace(
    "Latn",
    "signage-sans-zhuang-bold.ttf",
    "\u0182-\u0185\u018b\u018c\u019c\u019f\u01a7\u01a8\u01bc\u01bd\u026f\u0275\u014a\u014b",
    scale=1000,
    baseline=880,
    least_px=24,
    is_word=False,
)
SCRIPT_FACES = (ARABIC, TIBETAN, MONGOLIAN, YI, ZHUANG)

_UNSUPPORTED = re.compile(
    "["
    "\u0700-\u074f\u0780-\u089f"  # Syriac, Thaana, N'Ko, Samaritan, Mandaic
    "\u0900-\u0dff"  # the scripts of India and Sri Lanka
    "\u0e31\u0e33-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb3-\u0ebc\u0ec8-\u0ece"  # signs above and below, Thai and Lao
    "\u1000-\u109f\u1780-\u17ff\u1a20-\u1aaf\u1950-\u19df"  # Myanmar, Khmer, Tai
    "\u1700-\u177f\u1900-\u194f\u1b00-\u1c4f\ua800-\ua82f\ua840-\ua95f\ua980-\uaaff\uabc0-\uabff"
    "\U00010a00-\U00010aff\U00010d00-\U00010d3f\U00011000-\U00011fff\U0001e900-\U0001e95f"
    "]"
)
_RUN = re.compile("|".join(f"(?P<{face.tag}>[{face.letters}][{face.letters}{_JOINERS}]*)" for face in SCRIPT_FACES))
_FACE_BY_TAG = {face.tag: face for face in SCRIPT_FACES}


@dataclass(frozen=True, slots=True)
class ScriptRun:
    """The characters from *start* to *stop* are letters of one script."""

    face: ScriptFace
    start: int
    stop: int


def list_script_runs(text: str) -> list[ScriptRun]:
    """Return the runs of shaped scripts in *text*."""
    if text.isascii():
        return []
    return [ScriptRun(_FACE_BY_TAG[str(match.lastgroup)], match.start(), match.end()) for match in _RUN.finditer(text)]


@lru_cache(1024)
def find_unsupported_letter(text: str) -> str | None:
    """Return the first letter of a script that needs shaping and cannot be set; None where there is none."""
    match = _UNSUPPORTED.search(text)
    return match.group() if match else None


def get_least_size(text: str) -> int:
    """Return the smallest size (px) at which all scripts of *text* are legible."""
    return max((run.face.least_px for run in list_script_runs(text) if run.face.is_word), default=0)


def is_vertical(text: str) -> bool:
    """Whether *text* is Mongolian, whose lines run from top to bottom; columns follow from left to right."""
    return any(run.face is MONGOLIAN for run in list_script_runs(text))


def find_mixed_letter(text: str) -> str | None:
    """Return the first letter that cannot stand in a column of Mongolian: of another script than Latin digits."""
    mongolian = [run for run in list_script_runs(text) if run.face is MONGOLIAN]
    inside = {i for run in mongolian for i in range(run.start, run.stop)}
    return next((c for i, c in enumerate(text) if i not in inside and c.isalpha()), None)
