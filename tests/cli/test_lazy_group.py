"""The command line as a whole: lazy imports, help, exit statuses, never a traceback."""

import subprocess
import sys

import click
import pytest

from signage.cli import errors as ending
from signage.cli.lazy_group import COMMANDS, GlobalOptions, signage
from signage.faults import Fault, FaultLocation, Refused
from signage.store.engine import StoreError
from tests.cli.command_runner import CommandRunner

OF_THE_CONTRACT = {
    *("up", "check", "explain", "playlist", "preview", "simulate", "screens"),
    *("users", "tokens", "library", "takeover", "plays", "player", "fleet"),
    *("audit", "report", "backup", "restore", "bench"),
}
MINE = ("screens", "users", "tokens", "takeover", "backup", "restore")


@pytest.fixture
def shell(tmp_path, capsys):
    return CommandRunner(tmp_path, capsys)


def test_all_commands_exist():
    assert set(COMMANDS) >= OF_THE_CONTRACT


def test_every_level_has_help(capsys):
    for name in MINE:
        command = signage.get_command(click.Context(signage), name)
        inner = list(command.commands) if isinstance(command, click.Group) else []
        for words in ([name], *([name, one] for one in inner)):
            capsys.readouterr()
            assert ending.run_command(signage, [*words, "--help"]) == 0
            assert "Usage: signage " + " ".join(words) in capsys.readouterr().out


def test_help_imports_no_command():
    code = (
        "import sys; from signage.cli.errors import run_command; from signage.cli.lazy_group import signage;"
        "run_command(signage, ['--help']);"
        "print([m for m in sys.modules if m.startswith(('sqlalchemy', 'flask', 'PIL'))])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.rstrip().endswith("[]")


def test_the_module_is_the_command():
    ran = subprocess.run([sys.executable, "-m", "signage", "--help"], capture_output=True, text=True, check=True)
    assert ran.stdout.startswith("Usage: signage ")


@pytest.mark.parametrize(
    ("args", "status"),
    [
        (["nope"], 2),
        (["screens", "nope"], 2),
        (["screens", "add"], 2),
        (["tokens", "add", "x", "--days", "y"], 2),
        ([], 2),
    ],
)
def test_misuse_exits_with_2(shell, args, status):
    ran = shell(*args)
    assert ran.status == status
    assert "Usage:" in ran.err + ran.out


@pytest.mark.parametrize(
    "error",
    [
        Refused([Fault("error", "screen-unknown", FaultLocation(key="x"), {"screen": "x"})]),
        StoreError(Fault("error", "store-unavailable", FaultLocation(file="signage.db"), {"why": "disk is full"})),
        PermissionError(13, "Permission denied", "var"),
        ZeroDivisionError("what"),
        click.ClickException("no"),
    ],
)
def test_a_failure_prints_a_message_and_exits_with_1(capsys, error):
    @click.command()
    def broken():
        raise error

    assert ending.run_command(broken, []) == 1
    err = capsys.readouterr().err
    assert err.strip()
    assert "Traceback" not in err


def test_a_message_names_file_line_and_key(monkeypatch):
    fault = Fault("error", "screen-exists", FaultLocation("fleet.csv", 3, "id"), {"screen": "taxi-1"})
    assert ending.format_fault(fault, "en").startswith(
        "fleet.csv:3: id: The screen taxi-1 already exists. Choose another id"
    )
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert ending.format_fault(fault).startswith("fleet.csv:3: id: 屏 taxi-1 已存在。")


def test_config_is_accepted_before_and_after_the_command(tmp_path, capsys):
    shell = CommandRunner(tmp_path, capsys)
    assert shell("screens", "list").status == 0
    capsys.readouterr()
    assert ending.run_command(signage, ["screens", "list", "--config", str(tmp_path / "none.toml")]) == 1
    assert "none.toml" in capsys.readouterr().err
    assert GlobalOptions().config.name == "config.toml"
