"""Fixtures of the command line's tests."""

import pytest

from tests.cli.command_runner import CommandRunner


@pytest.fixture
def shell(tmp_path, capsys):
    return CommandRunner(tmp_path, capsys)
