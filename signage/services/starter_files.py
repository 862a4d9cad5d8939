"""Files of a new installation: ``config.toml``, ``playlists/`` and ``assets/`` as they ship.

A wheel carries them under ``signage/starter``; in a source checkout they lie beside the package.
"""

import shutil
from pathlib import Path

import signage
from signage.faults import refuse

CONFIG_FILE = "config.toml"
FOLDERS = ("playlists", "assets")


def create_installation(target: Path) -> None:
    """Copy the shipped files into the folder *target*, which is made where it is not there.

    Raises Refused when *target* is a file, cannot be written, or already holds part of an installation; nothing is
    copied then.
    """
    present = [name for name in (CONFIG_FILE, *FOLDERS) if (target / name).exists()]
    if present:
        raise refuse("installation-present", str(target), folder=str(target), names=", ".join(present))
    source = _find_source()
    try:
        target.mkdir(parents=True, exist_ok=True)
        for name in FOLDERS:
            shutil.copytree(source / name, target / name)
        shutil.copyfile(source / CONFIG_FILE, target / CONFIG_FILE)
    except OSError as error:
        raise refuse("installation-unwritable", str(target), folder=str(target), why=error.strerror or "") from error


def _find_source() -> Path:
    package = Path(signage.__file__).parent
    shipped = package / "starter"
    return shipped if shipped.is_dir() else package.parent
