"""The texts of the console's pages, as templates and code say them.

``python -m tests.support.console_texts`` prints those that have no Chinese, ready for a catalogue.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract
from babel.messages.pofile import read_po

import signage.messages
import signage.web.console as console

FOLDER = Path(console.__file__).parent
CATALOGS = Path(signage.messages.__file__).parent / "zh"
Text = tuple[str, ...]
"""A message; one and many where it is counted."""


def collect_texts() -> dict[Text, str]:
    """Every text with the file that says it first."""
    found: dict[Text, str] = {}
    for path in sorted(FOLDER.rglob("*.html")):
        for text in _iter_template_texts(path):
            found.setdefault(text, path.relative_to(FOLDER).as_posix())
    for path in sorted(FOLDER.rglob("*.py")):
        for text in _iter_module_texts(path):
            found.setdefault(text, path.relative_to(FOLDER).as_posix())
    return found


def load_catalogue() -> dict[Text, tuple[str, str]]:
    """Every text of the catalogues: its Chinese, and the file that has it."""
    found: dict[Text, tuple[str, str]] = {}
    for path in sorted(CATALOGS.glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file):
                if message.id and not message.context:
                    said = message.string if isinstance(message.string, str) else message.string[0]
                    found[_normalize_message(message.id)] = (said, path.name)
    return found


def _iter_template_texts(path: Path) -> Iterator[Text]:
    options = {"extensions": "jinja2.ext.do", "trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
    with path.open("rb") as file:
        for _, message, _, _ in extract("jinja2.ext:babel_extract", file, options=options):
            yield _normalize_message(message)


def _iter_module_texts(path: Path) -> Iterator[Text]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("_", "N_", "ngettext"):
            words = [
                a.value for a in node.args[: 2 if node.func.id == "ngettext" else 1] if isinstance(a, ast.Constant)
            ]
            if words and all(isinstance(word, str) for word in words):
                yield _normalize_message(tuple(words) if len(words) > 1 else words[0])


def _normalize_message(message: object) -> Text:
    if isinstance(message, str):
        return (message,)
    assert isinstance(message, list | tuple)
    return tuple(str(part) for part in message if part)


def find_placeholders(text: str) -> set[str]:
    """The names of a text's blanks."""
    return set(re.findall(r"%\((\w+)\)s", text))


if __name__ == "__main__":
    known = load_catalogue()
    for text, path in collect_texts().items():
        if text not in known:
            print(f"#: {path}")
            print("msgid " + '"' + text[0].replace("\\", "\\\\").replace('"', '\\"') + '"')
            if len(text) > 1:
                print("msgid_plural " + '"' + text[1].replace("\\", "\\\\").replace('"', '\\"') + '"')
            print('msgstr[0] ""\n' if len(text) > 1 else 'msgstr ""\n')
