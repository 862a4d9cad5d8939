"""Line numbers of the values of a TOML file, by their paths; computed only when there are faults to locate."""

import re

from signage.model.toml.statements import COMMENT, STRING, KeyPath, TomlStatement, split_statements

_VALUE_TOKEN_PATTERN = re.compile(rf"{STRING}|(?:{COMMENT}|\s)++|[\[\]{{}},]|[^\[\]{{}},\s\"'#]++|.")


class LineIndex:
    """The line (1-based) of each table, each key and each element of a list."""

    def __init__(self, text: str) -> None:
        self._line_by_path: dict[KeyPath, int] = {(): 1}
        for statement in split_statements(text.replace("\r\n", "\n")):
            for length in range(1, len(statement.path) + 1):
                self._line_by_path.setdefault(statement.path[:length], statement.line)
            if "\n" in statement.value:
                self._add_elements(statement)

    def get_line(self, path: KeyPath) -> int:
        """Return the line of *path*, or of the nearest enclosing value that the file has."""
        while path not in self._line_by_path:
            path = path[:-1]
        return self._line_by_path[path]

    def _add_elements(self, statement: TomlStatement) -> None:
        """Add the elements of a list that spans several lines; values inside inline tables get the table's line."""
        line = statement.line
        indexes: list[int | None] = []
        for match in _VALUE_TOKEN_PATTERN.finditer(statement.value):
            sign = match[0]
            if sign in "]}":
                del indexes[-1:]
            elif sign == ",":
                if indexes and indexes[-1] is not None:
                    indexes[-1] += 1
            elif not sign[0].isspace() and sign[0] != "#":
                positions = [n for n in indexes if n is not None]
                if len(positions) == len(indexes):
                    self._line_by_path.setdefault((*statement.path, *positions), line)
                if sign in "[{":
                    indexes.append(0 if sign == "[" else None)
            line += sign.count("\n")
