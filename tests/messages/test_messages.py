"""Every message code of the source has its Chinese and English message, and no message is left over."""

import re
from importlib import resources
from string import Formatter

import pytest

from signage import messages
from signage.config import SETTINGS
from signage.faults import Fault, FaultLocation
from signage.messages.catalogs import load_catalog, parse_po
from tests.support import message_codes

EN, ZH = load_catalog("en"), load_catalog("zh")
NEVER_SHOWN = "media-unwanted"  # a download that was given up because its playlist is gone
CONTEXTS = ("what", "mend", "what@console", "mend@console", "label", "setting")


def placeholders(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_every_code_of_the_source_has_a_message():
    families, endings = message_codes.find_affixes()
    used = message_codes.find_codes()
    assert {"takeover-endless", "clip-cut-off", "play-seq", "contrast-low", "key-unknown", "web-range"} <= used.keys()
    known = messages.list_codes()
    missing = {
        code: path
        for code, path in used.items()
        if code not in known and code != NEVER_SHOWN and not any(f"{family}{code}" in known for family in families)
    }
    assert missing == {}
    near = {code.removesuffix(ending) for code in known for ending in endings if code.endswith(ending)}
    assert {"key", "daypart-unknown"} & near


def test_every_message_is_used_by_the_source():
    families, endings = message_codes.find_affixes()
    constants = message_codes.find_constants()

    def is_used(code):
        parts = {code} | {code.removesuffix(ending) for ending in endings}
        for _ in range(2):  # explain-note-CODE
            parts |= {part.removeprefix(family) for part in parts for family in families}
        parts |= {part.replace("-", ".") for part in parts}  # report-act-VERB
        return not parts.isdisjoint(constants)

    assert [code for code in sorted(messages.list_codes()) if not is_used(code)] == []


def test_every_message_is_there_in_both_languages():
    settings = {key for key in ZH if key[0] == "setting" and "." in key[1]}  # their English stands in config.py
    assert {key for key in EN if key[0]} == {key for key in ZH if key[0]} - settings
    assert {context for context, _ in EN} <= set(CONTEXTS)


def test_placeholders_are_the_same_in_both_languages():
    different = [key for key in EN if key[0] and placeholders(EN[key]) != placeholders(ZH[key])]
    assert different == []


def test_every_placeholder_is_filled_where_a_refusal_names_its_facts():
    wrong = []
    for path, code, names in message_codes.find_calls_with_facts():
        for context in ("what", "mend", "what@console", "mend@console"):
            if not placeholders(EN.get((context, code), "")) <= names:
                wrong.append((path, context, code))
    assert wrong == []


def test_a_message_is_rendered_in_the_language_and_with_the_facts():
    fault = Fault("error", "not-id", FaultLocation(), {"value": "A b"})
    assert "A b" in messages.render_fault(fault, "en") and "A b" in messages.render_fault(fault, "zh")
    assert messages.render_hint(fault, "en") and re.search("[一-鿿]", messages.render_hint(fault, "zh"))
    assert messages.render_message("never-written", "zh", {}) == "never-written"
    assert not messages.has_message("never-written")
    assert messages.render_hint(Fault("error", "never-written"), "zh") == ""


def test_a_fact_that_is_missing_is_shown_as_its_placeholder():
    assert "{value}" in messages.render_message("not-id", "en", {})


@pytest.mark.parametrize("subject", ["library", "player"])
def test_every_refusal_of_a_clip_and_every_player_fault_has_a_hint(subject):
    path = resources.files(messages) / "en" / f"{subject}.po"
    codes = {code for (context, code), _ in parse_po(path.read_text("utf-8")) if context == "what"}
    wanted = {code for code in codes if re.match(r"clip-(?!unknown)|library-|upload-|rendition-", code)}
    wanted |= codes if subject == "player" else set()
    assert len(wanted) > 25
    assert {code for code in wanted if ("mend", code) not in EN} == set()


ABOUT_FILES = {  # said of a file that is imported or checked, whose reader sees its keys
    *("format-unknown", "id-not-file-name", "file-name-no-id", "toml-line", "toml-syntax", "toml-unreadable"),
    "report-checkpoint-check",  # printed on a report, for the auditor at a terminal
    *("value-missing", "table-twice", "not-table", "not-tables", "time-without-seconds", "csv-column-missing"),
}
OF_COMMANDS = re.compile("bundle-|driver-|fleet-|preview-|picture-")
NOT_ON_PAGES = ("http", "installation")
LATIN_IN_CHINESE = {  # names of formats, units and products; words that a field takes as they are
    *(
        "UTF",
        "GB",
        "CSV",
        "JPEG",
        "PNG",
        "GIF",
        "WebP",
        "BMP",
        "MP4",
        "MOV",
        "WebM",
        "MPEG",
        "TOML",
        "RFC",
        "CR",
        "LF",
        "CRLF",
    ),
    *(
        "MB",
        "MiB",
        "API",
        "HTTPS",
        "SHA",
        "JSON",
        "Asia",
        "Shanghai",
        "FREQ",
        "MONTHLY",
        "BYMONTHDAY",
        "YEARLY",
        "WEEKLY",
    ),
    *(
        "DAILY",
        "kind",
        "group",
        "tag",
        "unit",
        "screen",
        "sunrise",
        "sunset",
        "mon",
        "sun",
        "fri",
        "workday",
        "holiday",
    ),
}


def list_console_texts(language):
    catalog = load_catalog(language)
    hidden = set()
    for subject in NOT_ON_PAGES:
        path = resources.files(messages) / "en" / f"{subject}.po"
        hidden |= {code for (_, code), _ in parse_po(path.read_text("utf-8"))}
    hidden |= {code for code in messages.list_codes() if OF_COMMANDS.match(code)} | ABOUT_FILES
    for code in sorted(messages.list_codes() - hidden):
        for context in ("what", "mend"):
            text = catalog.get((f"{context}@console", code)) or catalog.get((context, code), "")
            yield code, re.sub(r"\{\w+\}", " ", text)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_message_of_the_console_names_a_command_or_a_key_of_a_file(language):
    key = re.compile(r"`|(?<!\w)--[a-z]|\b[a-z]+_[a-z_]+\b|\[\[?[a-z]|config\.toml|\bsignage\b")
    named = [(code, text) for code, text in list_console_texts(language) if key.search(text)]
    assert named == []


def test_no_message_of_the_console_has_a_word_of_the_other_language():
    assert [code for code, text in list_console_texts("en") if re.search("[一-鿿]", text)] == []
    foreign = [
        (code, word)
        for code, text in list_console_texts("zh")
        for word in re.findall(r"(?<!#)\b[A-Za-z]{2,}\d?", text)
        if word not in LATIN_IN_CHINESE
    ]
    assert foreign == []


def test_every_setting_is_described_in_chinese():
    missing = [f"{s.table}.{s.key}" for s in SETTINGS if not messages.find_text("setting", f"{s.table}.{s.key}", "zh")]
    assert missing == []
    assert {s.table for s in SETTINGS if not messages.find_text("setting", s.table, "en")} == set()
