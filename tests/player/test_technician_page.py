"""The technician's page: its commands are accepted by the player, and its list of packages is complete."""

import re
import shlex
import shutil
import subprocess
import sys
import tomllib

import click
import pytest

from signage.cli.player import player
from signage.player.drivers.matrix import parse_options
from tests.support.installation import ROOT

PAGE = (ROOT / "docs" / "player-technician.md").read_text("utf-8")
REQUIREMENTS = ROOT / "signage" / "player" / "requirements.txt"
PLACES = {"TOKEN": "f" * 32, "KEYID": "k0123456789abcdef"}
ENVIRONMENT = re.findall(r"^SIGNAGE_PLAYER=.*$", PAGE, re.M)
OPTIONS = re.findall(r"^\| [^|]+ \| `(--driver [^`]+)`", PAGE, re.M)
UNIT = re.findall(r"```ini\n(.*?)```", PAGE, re.S)


def words_of(line: str) -> list[str]:
    """Split a line as systemd does with ``$SIGNAGE_PLAYER`` in a unit.

    In an environment file the quotes around a value end at the next quote of the same kind; the value, as a word of its
    own in ``ExecStart=``, is split at white space, and quotes inside it protect their content. A shell does the same.
    """
    (assignment,) = shlex.split(line)  # more than one word: nested quotes of the same kind
    name, _, value = assignment.partition("=")
    assert name == "SIGNAGE_PLAYER"
    return shlex.split(value)


def taken(words: list[str]) -> click.Context:
    """Return what the command parses from *words*. Raises click's errors."""
    return player.make_context("player", [PLACES.get(word, word) for word in words])


@pytest.mark.parametrize("line", ENVIRONMENT)
def test_the_player_accepts_each_line_of_the_environment_file(line):
    context = taken(words_of(line))
    assert context.params["server"] == "http://signage.example.org:8000"
    assert context.params["token"] == PLACES["TOKEN"] and context.params["key"] == PLACES["KEYID"]


@pytest.mark.parametrize("options", OPTIONS)
def test_the_player_accepts_the_options_of_each_screen_inside_that_line(options):
    context = taken(words_of(f'SIGNAGE_PLAYER="--server http://signage.example.org:8000 {options}"'))
    assert context.params["driver"] == shlex.split(options)[1]
    if context.params["driver"] == "matrix":
        assert parse_options(context.params["out"]) == {"rows": 64, "cols": 64, "chain_length": 3, "gpio_slowdown": 2}


def test_nested_quotes_of_the_same_kind_are_detected():
    with pytest.raises(ValueError, match="too many values"):
        words_of('SIGNAGE_PLAYER="--driver matrix --out "rows=64 cols=64""')


def test_the_example_lines_of_the_page_are_found():
    assert len(ENVIRONMENT) == 2 and len(OPTIONS) == 3 and len(UNIT) == 1
    for need in ("[Service]", "Type=notify", "WatchdogSec=", "Restart=always", "ExecStart=", "StateDirectory="):
        assert need in UNIT[0]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_systemd_accepts_the_unit(tmp_path):
    unit = tmp_path / "signage-player.service"
    unit.write_text(UNIT[0].replace("/opt/signage/bin/signage", sys.executable).replace("User=signage-player\n", ""))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", str(unit)],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0 and unit.name not in done.stdout + done.stderr, done.stderr


def listed() -> list[str]:
    return [line for line in REQUIREMENTS.read_text("utf-8").splitlines() if line and not line.startswith("#")]


def test_the_players_requirements_are_a_subset_of_the_products():
    whole = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    assert set(listed()) < set(whole)
    assert "signage/player/requirements.txt" in PAGE and "pip install --no-deps" in PAGE


ALONE = """
import re, sys
from importlib import import_module, metadata
from pkgutil import walk_packages


def name(requirement):
    return re.split("[^A-Za-z0-9._-]", requirement)[0].lower().replace("_", "-")


def brought(names, known=()):
    "The distributions *names* with all that they require."
    found = set(known)
    for one in set(names) - found:
        try:
            needs = metadata.requires(one) or []
        except metadata.PackageNotFoundError:
            continue
        found |= brought([name(need) for need in needs if "extra ==" not in need], found | {one})
    return found


allowed = brought(sys.argv[1:])
modules = {
    module for module, owners in metadata.packages_distributions().items()
    if any(name(owner) in allowed for owner in owners)
} | set(sys.stdlib_module_names) | {"signage"}


class Others:
    def find_spec(self, module, path=None, target=None):
        if module.partition(".")[0] not in modules and not module.startswith("_sysconfigdata"):
            raise ImportError("not installed: " + module)


sys.meta_path.insert(0, Others())
import signage.player
for found in walk_packages(signage.player.__path__, "signage.player."):
    import_module(found.name)
from signage.cli import main
sys.argv = ["signage", "player", "--help"]
main()
"""


def test_player_drivers_and_load_test_need_no_other_package():
    names = [re.split("[<>=!~ ]", line)[0] for line in listed()]
    command = [sys.executable, "-I", "-c", ALONE]
    done = subprocess.run([*command, *names], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and "--driver" in done.stdout, done.stderr
    for name in set(names) - {"tzdata"}:  # only regular files are read, and only where the system has none
        less = subprocess.run([*command, *(set(names) - {name})], capture_output=True, text=True, timeout=60)
        assert less.returncode != 0 and "not installed" in less.stderr, name
