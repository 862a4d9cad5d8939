"""``signage backup`` and ``signage restore``."""

ADD = ("screens", "add", "taxi-0001", "--kind", "taxi-roof", "--panel", "taxi-192x64")


def test_backup_and_restore(shell):
    shell(*ADD)
    file = shell.root / "state.tar"
    assert shell("backup", str(file)).status == 0
    assert shell("restore", str(file)).status == 1
    shell("screens", "remove", "taxi-0001")
    assert shell("restore", str(file), "--replace").status == 0
    assert [row["screen"] for row in shell("screens", "list", "--json").json] == ["taxi-0001"]
