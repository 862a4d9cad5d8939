"""Exit statuses of commands, and error messages instead of tracebacks."""

import errno
import os
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import click

from signage import messages
from signage.cli.lazy_group import GlobalOptions
from signage.faults import Fault, FaultLocation, Refused

if TYPE_CHECKING:
    from signage.evidence.archive_integrity import ArchiveDamage

DONE, REFUSED, MISUSE, INTERRUPTED = 0, 1, 2, 130
DEBUG_VARIABLE = "SIGNAGE_DEBUG"


def get_language() -> messages.Language:
    """Return the language of the terminal: Chinese if the locale is Chinese, else English."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if os.environ.get(name):
            return "zh" if os.environ[name].lower().startswith("zh") else "en"
    return "en"


def format_fault(fault: Fault, lang: messages.Language | None = None) -> str:
    """Format one fault as a line: ``file:line: key: message hint``."""
    lang = lang or get_language()
    location = fault.location
    file_and_line = location.file + (f":{location.line}" if location.file and location.line else "")
    parts = [part for part in (file_and_line, location.key) if part]
    if fault.level == "warning":
        parts.append(messages.render_message("fault-warning", lang, {}))
    text = ": ".join([*parts, messages.render_fault(fault, lang)])
    hint = messages.render_hint(fault, lang)
    return f"{text} {hint}" if hint else text


def print_faults(faults: Iterable[Fault]) -> None:
    """Print each fault on stderr, one line each."""
    for fault in faults:
        click.echo(format_fault(fault), err=True)


def report_archive_damage(damages: Sequence["ArchiveDamage"]) -> None:
    """Print each damaged archive file on stderr and exit with status 1; do nothing if there is none."""
    if not damages:
        return
    sys.stdout.flush()
    print_faults(
        Fault("error", f"archive-{damage.why}", facts={"day": damage.day, "file": damage.file}) for damage in damages
    )
    sys.exit(REFUSED)


def run_command(command: click.Command, args: list[str] | None) -> int:
    """Run *command* with *args* (default: the arguments of the process) and return its exit status."""
    try:
        result = command.main(args=args, prog_name="signage", standalone_mode=False, obj=GlobalOptions())
    except Exception as error:
        if os.environ.get(DEBUG_VARIABLE) and not isinstance(
            error, Refused | click.ClickException | click.exceptions.Exit
        ):
            raise
        return _get_exit_status(error)
    except KeyboardInterrupt:
        return INTERRUPTED
    return result if isinstance(result, int) else DONE


def _get_exit_status(error: Exception) -> int:
    if isinstance(error, Refused):
        print_faults(error.faults)
        return REFUSED
    if isinstance(error, click.UsageError):
        error.show()
        return MISUSE
    if isinstance(error, click.exceptions.Exit):
        return error.exit_code
    if isinstance(error, click.Abort):
        return INTERRUPTED
    if isinstance(error, click.ClickException):
        error.show()
        return error.exit_code
    return _report_unexpected(error)


_SYSTEM_ERROR_CODES = {
    PermissionError: "system-not-allowed",
    FileNotFoundError: "system-not-there",
    FileExistsError: "system-in-the-way",
    NotADirectoryError: "system-in-the-way",
    IsADirectoryError: "system-in-the-way",
}


def _describe_system_error(error: OSError) -> Fault:
    """Describe an error of the operating system as a fault with a hint."""
    code = _SYSTEM_ERROR_CODES.get(type(error), "system-refused")
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        code = "system-full"
    location = FaultLocation(str(error.filename)) if error.filename else FaultLocation()
    return Fault("error", code, location, {"why": error.strerror or str(error)})


def _report_unexpected(error: Exception) -> int:
    if isinstance(error, BrokenPipeError):  # the reader of the output has closed it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return REFUSED
    fault = getattr(error, "fault", None)
    if isinstance(fault, Fault):
        print_faults([fault])
    elif isinstance(error, OSError):
        print_faults([_describe_system_error(error)])
    elif isinstance(error, UnicodeEncodeError):
        shown = str(error.object)[:60].encode("utf-8", "backslashreplace").decode()
        print_faults([Fault("error", "text-not-utf-8", facts={"text": shown})])
    else:
        facts = {"kind": type(error).__name__, "text": str(error), "debug": DEBUG_VARIABLE}
        print_faults([Fault("error", "internal", facts=facts)])
    return REFUSED
