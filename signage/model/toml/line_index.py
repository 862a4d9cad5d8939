"""The lines on which a TOML file's values stand.

Made for a text that the parser accepts, and only when there are faults to be placed. On any other text it stops
early and knows fewer lines; it never fails. Its work grows with the length of the text.
"""

import re
from bisect import bisect_right

_BLANK_LINES_PATTERN = re.compile(r"(?:[ \t\n]++|#[^\n]*+)*+")
_BLANKS_PATTERN = re.compile(r"[ \t]*+")
_KEY_PART_PATTERN = re.compile(r'[A-Za-z0-9_-]++|"(?:[^"\\\n]++|\\.)*+"|\'[^\'\n]*+\'')
_STRING_PATTERN = re.compile(
    r'"""(?:[^"\\]++|\\[\s\S]|"{1,2}(?!"))*+"{3,5}|\'\'\'(?:[^\']++|\'{1,2}(?!\'))*+\'{3,5}'
    r"|\"(?:[^\"\\\n]++|\\.)*+\"|'[^'\n]*+'"
)
_BARE_VALUE_PATTERN = re.compile(r"[^,\]}\n#]++")
_MAX_DEPTH = 64


class _ScanStoppedError(Exception):
    pass


class LineIndex:
    """The line (1-based) of each key, and of each element of a list, by its path."""

    def __init__(self, text: str) -> None:
        self._text = text.replace("\r\n", "\n")
        self._newline_offsets = [m.start() for m in re.finditer("\n", self._text)]
        self.last_header: tuple[str | int, ...] = ()
        """The table whose header was the last one read."""
        self._line_by_path: dict[tuple[str | int, ...], int] = {(): 1}
        self._last_table_index: dict[tuple[str | int, ...], int] = {}
        try:
            self._scan_file()
        except _ScanStoppedError:
            return

    def get_line(self, path: tuple[str | int, ...]) -> int:
        """The line of *path*, or of the nearest thing around it that stands in the file."""
        while path not in self._line_by_path:
            path = path[:-1]
        return self._line_by_path[path]

    def _scan_file(self) -> None:
        pos = self._skip_blank_lines(0)
        while pos < len(self._text):
            if self._text[pos] == "[":
                pos, self.last_header = self._scan_header(pos)
            else:
                pos = self._scan_pair(pos, self.last_header, 0)
            pos = self._skip_blank_lines(pos)

    def _scan_header(self, pos: int) -> tuple[int, tuple[str | int, ...]]:
        double = self._text.startswith("[[", pos)
        line = self._find_line(pos)
        parts, pos = self._scan_key(pos + (2 if double else 1))
        path: tuple[str | int, ...] = ()
        for n, part in enumerate(parts):
            path += (part,)
            last = n == len(parts) - 1
            if last and double:
                self._last_table_index[path] = self._last_table_index.get(path, -1) + 1
            self._line_by_path.setdefault(path, line)
            if path in self._last_table_index:
                path += (self._last_table_index[path],)
                self._line_by_path.setdefault(path, line)
        self._expect_sign("]", pos)
        return pos + (2 if double else 1), path

    def _scan_pair(self, pos: int, prefix: tuple[str | int, ...], depth: int) -> int:
        line = self._find_line(pos)
        parts, pos = self._scan_key(pos)
        for n in range(len(parts)):
            self._line_by_path.setdefault(prefix + tuple(parts[: n + 1]), line)
        self._expect_sign("=", pos)
        return self._scan_value(_skip_blanks(self._text, pos + 1), prefix + tuple(parts), depth)

    def _scan_key(self, pos: int) -> tuple[list[str], int]:
        parts: list[str] = []
        while True:
            match = _KEY_PART_PATTERN.match(self._text, _skip_blanks(self._text, pos))
            if match is None:
                raise _ScanStoppedError
            parts.append(match[0].strip("\"'"))
            pos = _skip_blanks(self._text, match.end())
            if not self._text.startswith(".", pos):
                return parts, pos
            pos += 1

    def _scan_value(self, pos: int, path: tuple[str | int, ...], depth: int) -> int:
        if depth > _MAX_DEPTH:
            raise _ScanStoppedError
        if self._text.startswith("[", pos):
            return self._scan_list(pos, path, depth)
        if self._text.startswith("{", pos):
            return self._scan_inline_table(pos, path, depth)
        match = _STRING_PATTERN.match(self._text, pos) or _BARE_VALUE_PATTERN.match(self._text, pos)
        if match is None:
            raise _ScanStoppedError
        return match.end()

    def _scan_list(self, pos: int, path: tuple[str | int, ...], depth: int) -> int:
        pos, n = self._skip_blank_lines(pos + 1), 0
        while not self._text.startswith("]", pos):
            self._line_by_path.setdefault((*path, n), self._find_line(pos))
            pos = self._skip_blank_lines(self._scan_value(pos, (*path, n), depth + 1))
            if self._text.startswith(",", pos):
                pos = self._skip_blank_lines(pos + 1)
            elif not self._text.startswith("]", pos):
                raise _ScanStoppedError
            n += 1
        return pos + 1

    def _scan_inline_table(self, pos: int, path: tuple[str | int, ...], depth: int) -> int:
        pos = self._skip_blank_lines(pos + 1)
        while not self._text.startswith("}", pos):
            pos = self._skip_blank_lines(self._scan_pair(pos, path, depth + 1))
            if self._text.startswith(",", pos):
                pos = self._skip_blank_lines(pos + 1)
            elif not self._text.startswith("}", pos):
                raise _ScanStoppedError
        return pos + 1

    def _expect_sign(self, sign: str, pos: int) -> None:
        if not self._text.startswith(sign, pos):
            raise _ScanStoppedError

    def _skip_blank_lines(self, pos: int) -> int:
        match = _BLANK_LINES_PATTERN.match(self._text, pos)
        return match.end() if match else pos

    def _find_line(self, pos: int) -> int:
        return bisect_right(self._newline_offsets, pos - 1) + 1 if pos else 1


def _skip_blanks(text: str, pos: int) -> int:
    match = _BLANKS_PATTERN.match(text, pos)
    return match.end() if match else pos
