"""The wheel alone is enough: ``pip install signage``, ``signage init``, ``signage up``."""

import subprocess
import sys
import zipfile

import pytest

from tests.support.installation import ROOT


@pytest.mark.slow
def test_the_wheel_carries_an_installation_and_the_program(tmp_path):
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(tmp_path), str(ROOT)],
        check=True,
        timeout=300,
    )
    (wheel,) = tmp_path.glob("signage-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    code = "import sys; sys.path.insert(0, sys.argv.pop(1)); from signage.cli import main; sys.exit(main())"
    run = [sys.executable, "-P", "-c", code, str(tmp_path / "site")]
    subprocess.run([*run, "init", "city"], cwd=tmp_path, check=True, timeout=60)
    done = subprocess.run(
        [*run, "check", "--json"], cwd=tmp_path / "city", check=True, capture_output=True, text=True, timeout=120
    )
    assert '"error"' not in done.stdout
    assert (tmp_path / "site" / "signage" / "starter" / "playlists" / "315-2021.toml").is_file()
    names = {path.name for path in (tmp_path / "site" / "signage").rglob("*") if path.is_file()}
    assert {"layout.html", "0001_first.py", "words.gz"} <= names
