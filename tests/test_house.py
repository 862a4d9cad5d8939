"""The house's own laws, held by a machine: pure rooms stay pure, every command and setting is documented."""

import ast
import re
from pathlib import Path

import pytest

import signage
from signage.cli.lazy_group import COMMANDS

PACKAGE = Path(signage.__file__).parent
ROOT = PACKAGE.parent
PURE = ("schedule", "pixels", "model", "protocol", "publish/document.py", "publish/compile.py", "publish/serials.py")
OUTSIDE = {
    "time",
    "random",
    "secrets",
    "os",
    "socket",
    "subprocess",
    "threading",
    "tempfile",
    "shutil",
    "pathlib",
    "requests",
    "uuid",
}
ASKS = {"now", "today", "utcnow", "open", "write_text", "write_bytes"}
"""What lies inside a package (fonts, tables) is read through importlib.resources, which is allowed."""
ALLOWED = {
    "schedule/resolve.py": {"threading"},  # locks around what is remembered
    "pixels/text/raster.py": {"threading"},
    "model/campaign_file/read.py": {"pathlib"},  # the name of a file, never its bytes
    "pixels/fonts/make_subsets.py": {"*"},  # tools that make what ships
    "pixels/fonts/make_words.py": {"*"},
    "pixels/fonts/make_script_fonts.py": {"*"},
}


def modules():
    for room in PURE:
        path = PACKAGE / room
        yield from sorted(path.rglob("*.py")) if path.is_dir() else [path]


def imported(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def called(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute):
                yield node.func.attr
            elif isinstance(node.func, ast.Name):
                yield node.func.id


@pytest.mark.parametrize("path", list(modules()), ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_a_pure_room_asks_neither_time_nor_disk_nor_chance(path):
    name = path.relative_to(PACKAGE).as_posix()
    allowed = ALLOWED.get(name, set())
    if "*" in allowed:
        return
    tree = ast.parse(path.read_text("utf-8"))
    assert set(imported(tree)) & OUTSIDE <= allowed
    assert not set(called(tree)) & ASKS


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_is_in_the_documents(command):
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    assert any(f"signage {command}" in page.read_text("utf-8") for page in pages), (
        f"no page tells of `signage {command}`"
    )


def test_every_page_of_documentation_that_is_named_is_there():
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        for part in page.read_text("utf-8").split("](")[1:]:
            target = part.partition(")")[0].partition("#")[0]
            if target and "://" not in target and not target.startswith("mailto:"):
                assert (page.parent / target).exists(), f"{page.name} names {target}"


def test_every_variable_that_a_test_reads_is_told_to_contributors():
    read = {
        name
        for path in (ROOT / "tests").rglob("*.py")
        for name in re.findall(r"environ(?:\.get\(|\[)\"(SIGNAGE_\w+)", path.read_text("utf-8"))
    }
    told = set(re.findall(r"`(SIGNAGE_\w+)", (ROOT / "CONTRIBUTING.md").read_text("utf-8")))
    assert read and read <= told
