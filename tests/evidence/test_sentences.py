import re
from pathlib import Path

import signage.evidence
from signage.messages import catalogue

ROOM = Path(signage.evidence.__file__).parent
DOORS = [ROOM.parent / "cli" / name for name in ("plays.py", "audit.py", "report.py")]


def test_every_code_has_its_sentences():
    text = "".join(path.read_text("utf-8") for path in [*ROOM.rglob("*.py"), *(d for d in DOORS if d.exists())])
    codes = set(re.findall(r'(?<!\.)\b(?:refuse|say)\(\s*"([a-z0-9-]+)"', text))
    codes |= set(re.findall(r'Fault\(\s*"(?:error|warning)",\s*"([a-z0-9-]+)"', text))
    assert codes
    for code in codes:
        assert {"en", "zh"} <= catalogue().get(code, {}).keys(), code
