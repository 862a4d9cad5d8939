"""Decode the bytes of a file, or return the reason why they are not text.

UTF-8 with or without a byte order mark, lines ended by LF or CR LF. Other encodings of common editors are reported by
name (UTF-16, UTF-32, GBK), and so is the lone CR of old systems.
"""

import re

from signage.model.toml.findings import Finding
from signage.model.toml.statements import COMMENT, STRING

MAX_FILE_BYTES = 4 * 1024 * 1024
MAX_NESTING_DEPTH = 16

_NESTING_TOKEN_PATTERN = re.compile(rf"{STRING}|{COMMENT}|[\[\]{{}}.,=\n]")


def decode_text(data: str | bytes) -> str | Finding:
    """Return the text of a file with lines ended by LF, or the finding that makes it unreadable."""
    if len(data) > MAX_FILE_BYTES:
        return Finding("error", "file-too-large", (), {"most_mib": MAX_FILE_BYTES // (1024 * 1024)}, 1)
    text = data if isinstance(data, str) else _decode_utf8(data)
    if isinstance(text, Finding):
        return text
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    if "\r" in text:
        return Finding("error", "line-ends-cr", (), {}, text.count("\n", 0, text.index("\r")) + 1)
    return _find_excess_nesting(text) or text


def _decode_utf8(data: bytes) -> str | Finding:
    name = _detect_utf16_or_utf32(data)
    if name is None:
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError as e:
            line = data.count(b"\n", 0, e.start) + 1
            name = _detect_gbk(data)
            if name is None:
                return Finding("error", "not-utf-8", (), {"byte": f"0x{data[e.start]:02X}"}, line)
            return Finding("error", "encoding-wrong", (), {"encoding": name}, line)
    return Finding("error", "encoding-wrong", (), {"encoding": name}, 1)


def _detect_utf16_or_utf32(data: bytes) -> str | None:
    if data.startswith((b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")):
        return "UTF-32"
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "UTF-16"
    head = data[:1024]
    return "UTF-16" if head.count(0) * 4 > len(head) else None


def _detect_gbk(data: bytes) -> str | None:
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        return None
    return "GBK" if any("\u4e00" <= c <= "\u9fff" for c in text) else None


def _find_excess_nesting(text: str) -> Finding | None:
    """Return a finding for lists, tables or dotted keys nested too deeply, before a parser recurses into them."""
    depth = dots = 0
    for match in _NESTING_TOKEN_PATTERN.finditer(text):
        sign = match[0]
        if sign in "[{":
            depth += 1
        elif sign in "]}":
            depth = max(0, depth - 1)
        dots = dots + 1 if sign == "." else dots if sign[0] in "\"'" else 0
        if depth > MAX_NESTING_DEPTH or dots > MAX_NESTING_DEPTH:
            line = text.count("\n", 0, match.start()) + 1
            return Finding("error", "nested-too-deep", (), {"most": MAX_NESTING_DEPTH}, line)
    return None
