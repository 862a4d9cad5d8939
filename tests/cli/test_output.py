"""Tables: columns aligned by display width, and no cell that breaks out of its column."""

from signage.cli.output import print_json, print_table


def test_columns_are_aligned_by_display_width(capsys):
    print_table(("id", "text"), [("a", "和谐"), ("和谐社会", None)])
    assert capsys.readouterr().out == "id        text\na         和谐\n和谐社会\n"


def test_control_characters_from_screens_are_escaped(capsys):
    print_table(("item", "ms"), [("a\nb\x1b[2J\u202e", 8)])
    assert capsys.readouterr().out == "item                     ms\na\\u000ab\\u001b[2J\\u202e  8\n"


def test_json_of_a_file_name_that_is_not_utf_8(capsys):
    print_json({"file": "b\udcff.toml", "list": [("x", 1)]})
    assert '"b\\\\udcff.toml"' in capsys.readouterr().out
