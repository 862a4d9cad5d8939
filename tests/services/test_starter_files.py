"""``create_installation``: the shipped files, whole, and never over something that is there."""

import pytest

from signage.config import load_config
from signage.faults import Refused
from signage.services.starter_files import create_installation
from tests.support.installation import ROOT


def read_tree(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for name in ("playlists", "assets")
        for path in (folder / name).rglob("*")
        if path.is_file()
    }


def test_a_new_installation_holds_exactly_what_ships(tmp_path):
    create_installation(tmp_path / "city")
    assert read_tree(tmp_path / "city") == read_tree(ROOT)
    assert (tmp_path / "city" / "config.toml").read_bytes() == (ROOT / "config.toml").read_bytes()
    assert load_config(tmp_path / "city" / "config.toml").root == tmp_path / "city"


@pytest.mark.parametrize("name", ["config.toml", "playlists", "assets"])
def test_a_folder_that_holds_a_part_of_an_installation_is_refused_and_unchanged(tmp_path, name):
    (tmp_path / name).mkdir()
    with pytest.raises(Refused) as refused:
        create_installation(tmp_path)
    assert [fault.code for fault in refused.value.faults] == ["installation-present"]
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_path_that_cannot_be_a_folder_is_refused(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(Refused) as refused:
        create_installation(tmp_path / "file" / "city")
    assert [fault.code for fault in refused.value.faults] == ["installation-unwritable"]
