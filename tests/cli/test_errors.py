"""Unexpected errors of commands: a message with a hint on stderr, status 1, never a traceback."""

import errno
import os
import socket

import click
import pytest

from signage.cli.errors import run_command
from signage.server import ListenAddress, check_address_free, find_free_port


def ended(capsys, error):
    @click.command()
    def breaks():
        raise error

    status = run_command(breaks, [])
    out, err = capsys.readouterr()
    assert out == ""
    return status, err.strip()


@pytest.fixture(autouse=True)
def english(monkeypatch):
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (PermissionError(errno.EACCES, "Permission denied", "var"), "var: Permission denied: Permission denied."),
        (FileNotFoundError(errno.ENOENT, "No such file", "x/y.png"), "x/y.png: Not found: No such file."),
        (
            FileExistsError(errno.EEXIST, "File exists", "var"),
            "var: Something else already has this name: File exists.",
        ),
        (OSError(errno.ENOSPC, "No space left on device"), "The disk is full: No space left on device."),
        (OSError(errno.EIO, "Input/output error"), "The system could not do this: Input/output error."),
        (ValueError("seven"), "Unexpected error: ValueError: seven."),
    ],
)
def test_a_system_error_is_a_message_with_a_hint(capsys, error, says):
    status, err = ended(capsys, error)
    assert status == 1 and err.startswith(says) and len(err) > len(says) + 10 and "\n" not in err


def test_an_argument_that_is_not_utf_8(capsys):
    with pytest.raises(UnicodeEncodeError) as caught:
        os.fsdecode(b"bad\xff").encode()
    assert ended(capsys, caught.value) == (1, "bad\\udcff contains bytes that are not UTF-8. Type it again.")


def test_a_keyboard_interrupt_is_quiet(capsys):
    assert ended(capsys, KeyboardInterrupt()) == (130, "")


@pytest.mark.parametrize("host", ["nowhere.invalid", "999.1.1.1", "192.0.2.1", "a" * 70])
def test_an_unusable_address_names_the_option(capsys, host):
    for listen in (lambda: find_free_port(host), lambda: check_address_free(ListenAddress(host, 8315))):
        with pytest.raises(Exception) as refused:
            listen()
        status, err = ended(capsys, refused.value)
        assert status == 1 and err.startswith(f"--host: The server cannot listen at {host}: ")


def test_a_port_in_use_names_the_option(capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(Exception) as refused:
        check_address_free(ListenAddress("127.0.0.1", taken.getsockname()[1]))
    assert ended(capsys, refused.value)[1].startswith("--port: The server cannot listen at 127.0.0.1 port ")
