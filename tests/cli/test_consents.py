"""``signage consent``."""

import pytest

ADD = ("screens", "add", "b1", "--kind", "taxi-roof", "--panel", "taxi-192x64", "--unit", "bureau")
GIVE = ("consent", "give", "--unit", "bureau", "--to", "inspection", "--screens", "*")


def test_consents_are_given_listed_and_withdrawn(shell):
    shell(*ADD)
    more = ("--hours", "06:00-22:00", "--max-share", "2", "--max-priority", "10", "--until", "2099-01-01T00:00")
    given = shell(*GIVE, *more, "--json")
    assert given.status == 0, given.err
    assert (given.json["state"], given.json["hours"], given.json["max_share"]) == ("given", "06:00-22:00", 2)
    assert [row["id"] for row in shell("consent", "list", "--json").json] == [given.json["id"]]
    assert "06:00-22:00" in shell("consent", "list").out
    assert shell("consent", "withdraw", given.json["id"], "--json").json["state"] == "withdrawn"
    assert shell("consent", "withdraw", given.json["id"]).status == 1


def test_everything_between_two_units_is_withdrawn_at_once(shell):
    shell(*ADD)
    first, second = shell(*GIVE, "--json").json, shell(*GIVE, "--json").json
    ended = shell("consent", "withdraw", "--unit", "bureau", "--to", "inspection", "--json").json
    assert {row["id"] for row in ended} == {first["id"], second["id"]}
    assert shell("consent", "withdraw", "--unit", "bureau", "--to", "inspection").status == 1


@pytest.mark.parametrize(
    ("arguments", "status", "word"),
    [
        (("give", "--unit", "bureau", "--to", "bureau", "--screens", "*"), 1, "bureau"),
        (("give", "--unit", "burea", "--to", "x", "--screens", "*"), 1, "bureau"),
        (("give", "--unit", "bureau", "--to", "x", "--screens", "*", "--hours", "all"), 1, "all"),
        (("give", "c-none"), 1, "c-none"),
        (("give",), 2, "ID"),
        (("give", "--to", "x", "--screens", "*"), 2, "--unit"),
        (("withdraw",), 2, "ID"),
        (("withdraw", "c-none"), 1, "c-none"),
    ],
)
def test_an_invalid_consent_is_refused(shell, arguments, status, word):
    shell(*ADD)
    ran = shell("consent", *arguments)
    assert ran.status == status
    assert word in ran.err
    assert shell("consent", "list", "--json").json == []
