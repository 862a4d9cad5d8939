"""The catalogues are gettext files: Babel reads what our parser reads, and finds nothing to fault."""

from importlib import resources
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import signage.messages
from signage.messages.catalogs import parse_po

FILES = sorted(Path(str(resources.files(signage.messages))).glob("*/*.po"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_babel_reads_the_same_messages(path):
    with path.open("rb") as file:
        catalog = read_po(file, abort_invalid=True)
    expected = {}
    for message in catalog:
        if message.id:
            message_id = message.id if isinstance(message.id, str) else message.id[0]
            string = message.string if isinstance(message.string, str) else message.string[0]
            expected[message.context or "", message_id] = string
    assert dict(parse_po(path.read_text("utf-8"))) == expected
    assert all(expected.values())
    assert str(catalog.locale) == path.parent.name


def test_no_message_is_in_two_files_of_a_language():
    for language in ("en", "zh"):
        seen: dict[tuple[str, str], str] = {}
        for path in FILES:
            if path.parent.name == language:
                for key, _ in parse_po(path.read_text("utf-8")):
                    assert seen.setdefault(key, path.name) == path.name, key


def test_each_subject_has_one_file_a_language():
    names = {language: {path.name for path in FILES if path.parent.name == language} for language in ("en", "zh")}
    assert names["en"] == names["zh"]


def test_strings_over_several_lines_and_escapes_are_read():
    head = '# note\nmsgid ""\nmsgstr "Language: en\\n"\n\n'
    text = 'msgctxt "what"\nmsgid "a"\nmsgstr ""\n"one \\"two\\"\\n"\n"three"\n'
    assert list(parse_po(head + text)) == [(("what", "a"), 'one "two"\nthree')]
    plural = 'msgid "One"\nmsgid_plural "%(num)s"\nmsgstr[0] "%(num)s 个"'
    assert list(parse_po(plural)) == [(("", "One"), "%(num)s 个")]


def test_a_line_of_another_format_is_refused():
    with pytest.raises(ValueError):
        list(parse_po("msgid hello\n"))
