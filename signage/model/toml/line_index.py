"""The lines on which a TOML file's values stand.

Made for a text that the parser accepts, and only when there are faults to be placed. On any other text it stops
early and knows fewer lines; it never fails. Its work grows with the length of the text.
"""

import re
from bisect import bisect_right

_SPACE = re.compile(r"(?:[ \t\n]++|#[^\n]*+)*+")
_BLANK = re.compile(r"[ \t]*+")
_PART = re.compile(r'[A-Za-z0-9_-]++|"(?:[^"\\\n]++|\\.)*+"|\'[^\'\n]*+\'')
_STRING = re.compile(
    r'"""(?:[^"\\]++|\\[\s\S]|"{1,2}(?!"))*+"{3,5}|\'\'\'(?:[^\']++|\'{1,2}(?!\'))*+\'{3,5}'
    r"|\"(?:[^\"\\\n]++|\\.)*+\"|'[^'\n]*+'"
)
_BARE = re.compile(r"[^,\]}\n#]++")
_MOST_DEPTH = 64


class _StopError(Exception):
    pass


class Lines:
    """The line (1-based) of each key, and of each element of a list, by its path."""

    def __init__(self, text: str) -> None:
        self._text = text.replace("\r\n", "\n")
        self._breaks = [m.start() for m in re.finditer("\n", self._text)]
        self.header: tuple[str | int, ...] = ()
        """The table whose header was the last one read."""
        self._found: dict[tuple[str | int, ...], int] = {(): 1}
        self._counts: dict[tuple[str | int, ...], int] = {}
        try:
            self._file()
        except _StopError:
            return

    def of(self, path: tuple[str | int, ...]) -> int:
        """The line of *path*, or of the nearest thing around it that stands in the file."""
        while path not in self._found:
            path = path[:-1]
        return self._found[path]

    def _file(self) -> None:
        pos = self._skip(0)
        while pos < len(self._text):
            if self._text[pos] == "[":
                pos, self.header = self._header(pos)
            else:
                pos = self._pair(pos, self.header, 0)
            pos = self._skip(pos)

    def _header(self, pos: int) -> tuple[int, tuple[str | int, ...]]:
        double = self._text.startswith("[[", pos)
        line = self._line(pos)
        parts, pos = self._key(pos + (2 if double else 1))
        path: tuple[str | int, ...] = ()
        for n, part in enumerate(parts):
            path += (part,)
            last = n == len(parts) - 1
            if last and double:
                self._counts[path] = self._counts.get(path, -1) + 1
            self._found.setdefault(path, line)
            if path in self._counts:
                path += (self._counts[path],)
                self._found.setdefault(path, line)
        self._expect("]", pos)
        return pos + (2 if double else 1), path

    def _pair(self, pos: int, prefix: tuple[str | int, ...], depth: int) -> int:
        line = self._line(pos)
        parts, pos = self._key(pos)
        for n in range(len(parts)):
            self._found.setdefault(prefix + tuple(parts[: n + 1]), line)
        self._expect("=", pos)
        return self._value(_blank(self._text, pos + 1), prefix + tuple(parts), depth)

    def _key(self, pos: int) -> tuple[list[str], int]:
        parts: list[str] = []
        while True:
            match = _PART.match(self._text, _blank(self._text, pos))
            if match is None:
                raise _StopError
            parts.append(match[0].strip("\"'"))
            pos = _blank(self._text, match.end())
            if not self._text.startswith(".", pos):
                return parts, pos
            pos += 1

    def _value(self, pos: int, path: tuple[str | int, ...], depth: int) -> int:
        if depth > _MOST_DEPTH:
            raise _StopError
        if self._text.startswith("[", pos):
            return self._list(pos, path, depth)
        if self._text.startswith("{", pos):
            return self._inline(pos, path, depth)
        match = _STRING.match(self._text, pos) or _BARE.match(self._text, pos)
        if match is None:
            raise _StopError
        return match.end()

    def _list(self, pos: int, path: tuple[str | int, ...], depth: int) -> int:
        pos, n = self._skip(pos + 1), 0
        while not self._text.startswith("]", pos):
            self._found.setdefault((*path, n), self._line(pos))
            pos = self._skip(self._value(pos, (*path, n), depth + 1))
            if self._text.startswith(",", pos):
                pos = self._skip(pos + 1)
            elif not self._text.startswith("]", pos):
                raise _StopError
            n += 1
        return pos + 1

    def _inline(self, pos: int, path: tuple[str | int, ...], depth: int) -> int:
        pos = self._skip(pos + 1)
        while not self._text.startswith("}", pos):
            pos = self._skip(self._pair(pos, path, depth + 1))
            if self._text.startswith(",", pos):
                pos = self._skip(pos + 1)
            elif not self._text.startswith("}", pos):
                raise _StopError
        return pos + 1

    def _expect(self, sign: str, pos: int) -> None:
        if not self._text.startswith(sign, pos):
            raise _StopError

    def _skip(self, pos: int) -> int:
        match = _SPACE.match(self._text, pos)
        return match.end() if match else pos

    def _line(self, pos: int) -> int:
        return bisect_right(self._breaks, pos - 1) + 1 if pos else 1


def _blank(text: str, pos: int) -> int:
    match = _BLANK.match(text, pos)
    return match.end() if match else pos
