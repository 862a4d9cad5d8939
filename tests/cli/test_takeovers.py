"""``signage takeover``."""

import pytest

ADD = ("screens", "add", "taxi-0001", "--kind", "taxi-roof", "--panel", "taxi-192x64")


def test_takeovers(shell):
    shell(*ADD)
    start = ("takeover", "start", "--screens", "*", "--text", "台风红色预警", "--why", "storm")
    made = shell(*start, "--for", "10m", "--json")
    assert made.status == 0, made.err
    assert {"id", "screens", "from", "until", "who", "why"} <= set(made.json)
    assert made.json["screens"] == ["taxi-0001"]
    assert [one["id"] for one in shell("takeover", "list", "--json").json] == [made.json["id"]]
    assert shell("takeover", "receipt", made.json["id"], "--json").json["screens"][0]["state"] == "silent"
    assert shell("takeover", "stop", made.json["id"]).status == 0
    assert shell("takeover", "list", "--json").json == []
    assert shell("takeover", "stop", "--all").status == 0
    assert shell("takeover", "stop", made.json["id"]).status == 1
    assert shell("takeover", "stop").status == 2


@pytest.mark.parametrize(
    ("more", "status", "word"),
    [
        (("--screens", "*", "--text", "a", "--why", "b"), 1, "end"),
        (("--screens", "group:none", "--text", "a", "--why", "b", "--for", "10m"), 1, "group:none"),
        (("--screens", "*", "--item", "a/b", "--why", "b", "--for", "10m"), 1, "a/b"),
        (("--screens", "*", "--text", "a", "--why", "b", "--for", "10000d"), 1, "at most"),
        (("--screens", "*", "--text", "a", "--why", "b", "--for", "soon"), 1, "soon"),
        (("--screens", "*", "--text", "a", "--why", "b", "--until", "2020-01-01T00:00"), 1, "past"),
        (("--screens", "*", "--text", "a", "--why", "b", "--until", "tomorrow"), 1, "tomorrow"),
        (("--screens", "*", "--text", "a", "--blank", "--why", "b", "--for", "10m"), 2, "one of"),
        (("--screens", "*", "--why", "b", "--for", "10m"), 2, "one of"),
    ],
)
def test_an_invalid_takeover_is_refused(shell, more, status, word):
    shell(*ADD)
    ran = shell("takeover", "start", *more)
    assert ran.status == status
    assert word in ran.err
    assert shell("takeover", "list", "--all", "--json").json == []
