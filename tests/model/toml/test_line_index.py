"""Each value of a TOML file has its line."""

import pytest

from signage.model.toml.line_index import LineIndex

TEXT = """\
# comment with [ and "
title = "x"
a.b = 1

[table]
words = [ # comment, with a comma
  "one, two",
  '''three
  lines''', "four",
  [5, 6],
  { x = 1, y = 2 },
]
last = 1
[[row]]
id = 1
[[row]]
id = 2
[row.inner]
"quoted key" = 3
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ((), 1),
        (("title",), 2),
        (("a", "b"), 3),
        (("table",), 5),
        (("table", "words"), 6),
        (("table", "words", 0), 7),
        (("table", "words", 1), 8),
        (("table", "words", 2), 9),
        (("table", "words", 3, 1), 10),
        (("table", "words", 4, "y"), 11),
        (("table", "last"), 13),
        (("row",), 14),
        (("row", 0, "id"), 15),
        (("row", 1), 16),
        (("row", 1, "id"), 17),
        (("row", 1, "inner", "quoted key"), 19),
        (("row", 1, "missing"), 16),
        (("missing", 1), 1),
    ],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_value_has_its_line(path: tuple[str | int, ...], line: int, line_end: str) -> None:
    assert LineIndex(TEXT.replace("\n", line_end)).get_line(path) == line
