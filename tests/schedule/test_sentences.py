"""Every code of the room has its sentences, in both languages."""

import re
from pathlib import Path

import signage.schedule
from signage.messages import catalogue

FOLDER = Path(signage.schedule.__file__).parent
SOURCE = "\n".join(path.read_text("utf-8") for path in sorted(FOLDER.rglob("*.py")))


def test_every_step_note_and_fault_has_a_sentence_in_both_languages() -> None:
    steps = set(
        re.findall(r'"((?:takeover|hours|window|screens|daypart|tier|default|still|share|order|turn)-[a-z-]+)"', SOURCE)
    )
    steps |= {"not-approved", "covered", "covered-by-hours", "cannot-play", "can-play", "nothing-to-show"}
    faults = set(re.findall(r'Fault\("(?:error|warning)", "([a-z-]+)"', SOURCE))
    codes = faults | {f"explain-{step}" for step in steps - faults}
    notes = re.findall(r'Note\("([a-z-]+)"', SOURCE)
    codes |= {f"{kind}-{note}" for note in notes for kind in ("explain-note", "rotation")}
    missing = [c for c in sorted(codes) if not {"en", "zh"} <= set(catalogue().get(c, {}))]
    assert not missing
