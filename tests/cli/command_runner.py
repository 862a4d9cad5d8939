"""Run commands in this process as a shell does."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from signage.cli.errors import run_command
from signage.cli.lazy_group import signage


@dataclass(frozen=True)
class CommandResult:
    """Exit status and output of a command."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class CommandRunner:
    """An installation with ``config.toml`` and ``playlists``, in which commands run."""

    def __init__(self, root: Path, capsys: Any) -> None:
        self.root, self._capsys = root, capsys
        (root / "config.toml").write_text("", "utf-8")
        (root / "playlists").mkdir(exist_ok=True)

    def __call__(self, *args: str) -> CommandResult:
        self._capsys.readouterr()
        status = run_command(signage, ["--config", str(self.root / "config.toml"), *args])
        out, err = self._capsys.readouterr()
        return CommandResult(status, out, err)
