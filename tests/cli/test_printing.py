"""Tables for people: columns as wide as they look, and no cell that breaks out of its own."""

from signage.cli.output import print_json, print_table


def test_columns_are_as_wide_as_they_look(capsys):
    print_table(("id", "text"), [("a", "和谐"), ("和谐社会", None)])
    assert capsys.readouterr().out == "id        text\na         和谐\n和谐社会\n"


def test_what_a_screen_sent_does_not_speak_to_the_terminal(capsys):
    print_table(("item", "ms"), [("a\nb\x1b[2J\u202e", 8)])
    assert capsys.readouterr().out == "item                     ms\na\\u000ab\\u001b[2J\\u202e  8\n"


def test_json_of_a_name_that_is_no_text(capsys):
    print_json({"file": "b\udcff.toml", "list": [("x", 1)]})
    assert '"b\\\\udcff.toml"' in capsys.readouterr().out
