"""Confines the current process: resource limits, no files, no network, no other processes.

A confined process keeps its open file descriptors and its memory, and nothing else. On Linux (x86_64, aarch64) a
seccomp filter allows only the system calls that decoding needs (``syscalls.py``). A network namespace without
interfaces and an empty root folder are added where the kernel permits. On other systems only the limits apply, and
FFmpeg is configured to open nothing but the file that it received.

Remaining exposure: the process can read the clock and properties of the machine (user, kernel, memory, cores) and,
without a root of its own, can ask by the system call behind fstat whether a file exists, its size and its age.
"""

import ctypes
import os
import platform
import resource
import signal
import struct
import tempfile
from dataclasses import dataclass
from pathlib import Path

from signage.library.sandbox.syscalls import (
    ALLOWED_SYSCALLS,
    AUDIT_ARCHITECTURES,
    CLONE3,
    OWN_PID,
    ArgumentCheck,
    Syscall,
)

_PR_SET_PDEATHSIG, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 22, 38
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_SECCOMP_ALLOW, _SECCOMP_EPERM, _SECCOMP_ENOSYS, _SECCOMP_KILL = 0x7FFF0000, 0x00050001, 0x00050026, 0x80000000
_X32_FLAG = 0x40000000
_NUMBER_OFFSET, _ARCHITECTURE_OFFSET = 0, 4
_LOAD, _RETURN, _JUMP_IF_EQUAL, _JUMP_IF_AT_LEAST, _JUMP_IF_BITS_SET = 0x20, 0x06, 0x15, 0x35, 0x45
_Instruction = tuple[int, int, int, int]
"""Classic BPF: operation, jump offset if true, jump offset if false, operand."""


@dataclass(frozen=True, slots=True)
class SandboxLimits:
    """Resources of one job: memory beyond that of the idle process, CPU and wall-clock time, bytes of one output file.

    *max_megapixels*: the largest picture that a decoder opens; checked by the decoder, the others by the kernel.
    """

    memory_bytes: int
    cpu_s: int
    wall_s: int
    output_bytes: int
    max_megapixels: int = 80


def confine(limits: SandboxLimits) -> tuple[str, ...]:
    """Confine this process for good; return the names of the measures in effect. Open files stay open."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, limits.wall_s)
    idle_bytes = _get_address_space_bytes()
    measures = ["limits"]
    libc = ctypes.CDLL(None, use_errno=True) if platform.system() == "Linux" else None
    if libc is not None:
        if libc.unshare(_CLONE_NEWNET) == 0 or libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0:
            measures.append("network name space")
        if _enter_empty_root():
            measures.append("empty root")
    _set_resource_limits(limits, idle_bytes)
    if libc is not None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)  # after unshare, which would clear it
        if _install_seccomp_filter(libc):
            measures.append("system calls")
    return tuple(measures)


def _enter_empty_root() -> bool:
    """Change the root to a folder that is already removed: it is empty, and nothing can be created in it."""
    try:
        folder = tempfile.mkdtemp()
        os.chdir(folder)
        Path(folder).rmdir()
        os.chroot(".")
    except OSError:
        return False
    return True


def _set_resource_limits(limits: SandboxLimits, idle_bytes: int) -> None:
    if idle_bytes:
        resource.setrlimit(resource.RLIMIT_AS, (idle_bytes + limits.memory_bytes,) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_s, limits.cpu_s + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits.output_bytes,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # exceeding the file size makes write() fail


def _get_address_space_bytes() -> int:
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def _install_seccomp_filter(libc: ctypes.CDLL) -> bool:
    machine = platform.machine()
    if machine not in AUDIT_ARCHITECTURES or libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    program = build_filter(machine, os.getpid())
    buffer = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(buffer))
    return bool(libc.prctl(_PR_SET_SECCOMP, 2, ctypes.create_string_buffer(header, len(header)), 0, 0) == 0)


def build_filter(machine: str, own_pid: int) -> bytes:
    """Return the seccomp filter of *machine* as classic BPF.

    Calls of another architecture kill the process; allowed calls pass; clone3 answers ENOSYS, all others EPERM.
    """
    program: list[_Instruction] = [
        (_LOAD, 0, 0, _ARCHITECTURE_OFFSET),
        (_JUMP_IF_EQUAL, 1, 0, AUDIT_ARCHITECTURES[machine]),
        (_RETURN, 0, 0, _SECCOMP_KILL),
        (_LOAD, 0, 0, _NUMBER_OFFSET),
    ]
    if machine == "x86_64":
        program += [(_JUMP_IF_AT_LEAST, 0, 1, _X32_FLAG), (_RETURN, 0, 0, _SECCOMP_KILL)]
    for syscall in ALLOWED_SYSCALLS:
        number = _get_number(syscall, machine)
        if number is not None:
            block = _build_checks(syscall.checks, own_pid)
            program += [(_JUMP_IF_EQUAL, 0, len(block), number), *block]
    program += [
        (_JUMP_IF_EQUAL, 0, 1, _get_number(CLONE3, machine) or 0),
        (_RETURN, 0, 0, _SECCOMP_ENOSYS),
        (_RETURN, 0, 0, _SECCOMP_EPERM),
    ]
    return b"".join(struct.pack("HBBI", *instruction) for instruction in program)


def _get_number(syscall: Syscall, machine: str) -> int | None:
    return syscall.x86_64 if machine == "x86_64" else syscall.aarch64


def _build_checks(checks: tuple[ArgumentCheck, ...], own_pid: int) -> list[_Instruction]:
    """Return the instructions that allow a call whose arguments pass all *checks*."""
    block: list[_Instruction] = []
    for check in checks:
        block.append((_LOAD, 0, 0, 16 + 8 * check.argument + 4 * check.upper))
        comparison = _JUMP_IF_BITS_SET if check.any_bit else _JUMP_IF_EQUAL
        values = [own_pid if value == OWN_PID else value for value in check.values]
        block += [(comparison, len(values) - n, 0, value) for n, value in enumerate(values)]
        block.append((_RETURN, 0, 0, _SECCOMP_EPERM))
    block.append((_RETURN, 0, 0, _SECCOMP_ALLOW))
    return block
