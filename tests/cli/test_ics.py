"""``signage ics``."""

from pathlib import Path

import pytest

from signage.cli.errors import run_command
from signage.cli.lazy_group import signage

ROOT = Path(__file__).resolve().parents[2]


def test_a_campaign_is_exported_as_icalendar(tmp_path: Path) -> None:
    file = tmp_path / "315.ics"
    config = str(ROOT / "config.toml")
    assert run_command(signage, ["--config", config, "ics", "315-2021", "-o", str(file)]) == 0
    assert file.read_bytes().startswith(b"BEGIN:VCALENDAR\r\n")


def test_an_unknown_campaign(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "config.toml").write_text("")
    assert run_command(signage, ["--config", str(tmp_path / "config.toml"), "ics", "gone"]) == 1
    assert "gone" in capsys.readouterr().err
    assert not (tmp_path / "var").exists()
