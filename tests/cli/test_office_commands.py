"""Screens, people, tokens, takeovers and backups from the command line."""

import pytest

from tests.cli.command_runner import CommandRunner

ADD = ("screens", "add", "taxi-0001", "--kind", "taxi-roof", "--panel", "taxi-192x64")


@pytest.fixture
def shell(tmp_path, capsys):
    return CommandRunner(tmp_path, capsys)


def test_a_screen_is_added_once(shell):
    made = shell(*ADD, "--group", "buses", "--tag", "centre", "--unit", "bureau", "--json")
    assert made.status == 0
    assert set(made.json) == {"screen", "token", "key"}
    again = shell(*ADD, "--json")
    assert (again.status, again.out) == (1, "")
    assert "taxi-0001" in again.err
    [listed] = shell("screens", "list", "--json").json
    assert (listed["screen"], listed["groups"], listed["unit"]) == ("taxi-0001", ["buses"], "bureau")
    assert made.json["token"] not in shell("screens", "list", "--json").out


def test_screens_are_set_revoked_and_removed(shell):
    shell(*ADD)
    assert shell("screens", "set", "taxi-*", "--add-tag", "depot", "--hours", "06:00-23:00").status == 0
    [row] = shell("screens", "list", "tag:depot", "--json").json
    assert row["hours"] == [{"from": "06:00", "until": "23:00"}]
    assert shell("screens", "set", "bus-*", "--unit", "x").status == 1
    assert shell("screens", "set", "taxi-*").status == 2
    assert shell("screens", "revoke", "taxi-0001").status == 0
    assert shell("screens", "list", "--json").json[0]["state"] == "revoked"
    assert shell("screens", "remove", "taxi-0001").status == 0
    assert shell("screens", "revoke", "taxi-0001").status == 1


def test_a_fleet_is_imported_whole_or_not_at_all(shell):
    file = shell.root / "fleet.csv"
    heads = "id,kind,panel,groups,tags,unit,timezone\n"
    file.write_text(heads + "bus-1,bus,taxi-192x64,a;b,,,\nBUS,bus,none,,,,Asia/Nowhere\n", "utf-8")
    ran = shell("screens", "import", str(file))
    assert ran.status == 1
    assert [line.split(": ")[1] for line in ran.err.splitlines()] == ["id", "panel", "timezone"]
    assert all(line.startswith(f"{file}:3: ") for line in ran.err.splitlines())
    assert shell("screens", "list", "--json").json == []
    file.write_text(heads + "bus-1,bus,taxi-192x64,a;b,,,\n", "utf-8")
    tokens = shell.root / "tokens.csv"
    assert shell("screens", "import", str(file), "--tokens", str(tokens)).status == 0
    assert tokens.stat().st_mode & 0o777 == 0o600
    assert tokens.read_bytes().startswith(b"\xef\xbb\xbfscreen,token,key\r\nbus-1,")
    assert shell("screens", "list", "--csv").out.startswith("\ufeffid,kind,panel,")


def test_people_and_tokens(shell):
    made = shell("users", "add", "li", "--role", "operator", "approver", "--unit", "bureau", "--json")
    assert made.json["user"] == "li"
    assert made.json["link"].startswith("http://")
    assert shell("users", "add", "zhou", "--role", "auditor", "--role", "admin").status == 1
    token = shell("tokens", "add", "li", "--days", "3", "--json").json["token"]
    assert token not in shell("tokens", "list", "--json").out
    assert shell("tokens", "add", "nobody").status == 1
    assert shell("users", "set", "li", "--role", "approver", "--role", "operator").status == 0
    assert shell("users", "disable", "li").status == 0
    assert shell("users", "list", "--json").json == [
        {"user": "li", "roles": ["approver", "operator"], "unit": None, "state": "disabled", "let_in_by": []}
    ]


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
def test_a_takeover_that_cannot_be_is_refused(shell, more, status, word):
    shell(*ADD)
    ran = shell("takeover", "start", *more)
    assert ran.status == status
    assert word in ran.err
    assert shell("takeover", "list", "--all", "--json").json == []


def test_backup_and_restore(shell):
    shell(*ADD)
    file = shell.root / "state.tar"
    assert shell("backup", str(file)).status == 0
    assert shell("restore", str(file)).status == 1
    shell("screens", "remove", "taxi-0001")
    assert shell("restore", str(file), "--replace").status == 0
    assert [row["screen"] for row in shell("screens", "list", "--json").json] == ["taxi-0001"]
