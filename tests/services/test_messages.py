"""Every refusal of acts, store and command line has its sentence in both languages."""

import ast
import re
import tomllib
from collections import Counter
from pathlib import Path

import signage
from signage import messages as sentences

ROOMS = ("services", "store", "cli")
CODE = re.compile(r"[a-z]+(-[a-z0-9]+)+\Z")
CALLS = {"Fault": 1, "refuse": 0, "_fault": 0, "_refused": 1, "at": 1}


def codes_in(tree):
    """String constants that stand where a code stands, in calls and in the words that checks yield."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else None
            if name in CALLS and len(node.args) > CALLS[name]:
                yield from constants(node.args[CALLS[name]])
        elif isinstance(node, ast.Yield) and isinstance(node.value, ast.Tuple) and len(node.value.elts) == 3:
            yield from constants(node.value.elts[1])
        elif isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "code" for t in node.targets):
            yield from constants(node.value)


def constants(node):
    for inner in ast.walk(node):
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str) and CODE.match(inner.value):
            yield inner.value


def used():
    package = Path(signage.__file__).parent
    for room in ROOMS:
        for path in sorted((package / room).rglob("*.py")):
            for code in codes_in(ast.parse(path.read_text("utf-8"))):
                yield code, path.relative_to(package).as_posix()


def test_every_code_has_its_sentence():
    found = dict(used())
    assert "takeover-endless" in found
    missing = {code: path for code, path in found.items() if code not in sentences.catalogue()}
    assert missing == {}


def test_no_two_rooms_say_different_things_by_one_code():
    files = (Path(signage.__file__).parent / "messages").glob("*.toml")
    codes = Counter(code for file in files for code in tomllib.loads(file.read_text("utf-8")))
    assert [code for code, times in codes.items() if times > 1] == []


def test_every_sentence_is_there_in_both_languages():
    for code in dict(used()):
        entry = sentences.catalogue()[code]
        assert entry["en"]
        assert entry["zh"]
        assert ("en_mend" in entry) == ("zh_mend" in entry), code
        for key in ("en", "zh", "en_mend", "zh_mend"):
            entry.get(key, "").format_map(dict.fromkeys(re.findall(r"{(\w+)}", entry.get(key, "")), "x"))
