"""Reads the gettext catalogues: ``en/SUBJECT.po`` and ``zh/SUBJECT.po`` in this folder.

The files are read as they are, so nothing has to be compiled. The parser covers what these files use: contexts, plurals
with one form, strings over several lines. It needs the standard library only, because a player's machine has no Babel;
a test compares it with Babel's parser.
"""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Literal

Language = Literal["zh", "en"]
CatalogKey = tuple[str, str]
"""A context (``what``, ``mend``, … or empty) and a message id."""


@cache
def load_catalog(language: Language) -> Mapping[CatalogKey, str]:
    """Return all messages of *language*; a plural message stands under its singular id."""
    catalog: dict[CatalogKey, str] = {}
    for file in resources.files(__package__).joinpath(language).iterdir():
        if file.name.endswith(".po"):
            catalog.update(parse_po(file.read_text("utf-8")))
    return catalog


def parse_po(text: str) -> Iterator[tuple[CatalogKey, str]]:
    """Yield the messages of a .po file. Raises ValueError for a line that is not of the format."""
    fields: dict[str, str] = {}
    keyword = ""
    for line in (*text.splitlines(), ""):
        if line.startswith("#"):
            continue
        if not line.strip():
            yield from _build_entry(fields)
            fields, keyword = {}, ""
            continue
        head, quote, rest = line.partition('"')
        keyword = head.strip() or keyword
        fields[keyword] = fields.get(keyword, "") + json.loads(quote + rest)


def _build_entry(fields: Mapping[str, str]) -> Iterator[tuple[CatalogKey, str]]:
    message_id = fields.get("msgid", "")
    translation = fields.get("msgstr", fields.get("msgstr[0]", ""))
    if message_id and translation:
        yield (fields.get("msgctxt", ""), message_id), translation
