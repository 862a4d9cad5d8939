"""``signage screens``."""

ADD = ("screens", "add", "taxi-0001", "--kind", "taxi-roof", "--panel", "taxi-192x64")


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


def test_a_csv_file_is_imported_completely_or_not_at_all(shell):
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


def test_a_screen_has_a_name_and_an_address_for_people(shell):
    place = ("--name", "人民路口", "--address", "人民路 1 号", "--group", "公交站")
    assert shell(*ADD, *place, "--json").status == 0
    (row,) = shell("screens", "list", "group:公交站", "--json").json
    assert (row["name"], row["address"], row["groups"]) == ("人民路口", "人民路 1 号", ["公交站"])
    assert shell("screens", "list").out.split("\n")[1].startswith("人民路口")
    assert shell("screens", "set", "taxi-0001", "--name", "", "--address", "解放路 2 号").status == 0
    (row,) = shell("screens", "list", "--json").json
    assert (row["name"], row["address"]) == (None, "解放路 2 号")
    assert shell("screens", "set", "taxi-0001", "--name", "屏" * 61).status == 1
