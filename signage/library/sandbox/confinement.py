"""What keeps decoding in: limits, no files, no network, no other processes.

A process that has gone behind these walls has its open file descriptors and its memory, and nothing else. On Linux
(x86_64, aarch64) the kernel grants it, by a seccomp filter, the few system calls that decoding needs and refuses all
others: to open, change or ask after a file by its name, to make a socket, shared memory or a queue, to start a program
or a process (threads it may), to touch another process, to change its own limits. A name space without networks and an
empty folder for a root come on top where the kernel gives them. Elsewhere the limits alone hold, and FFmpeg is told to
open nothing but what it was handed.

What is left: it may read the clock and numbers of the machine (user, kernel, memory, cores), and where it gets no root
of its own, ask by fstat's own call whether a file is there, how large and how old.
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

_PR_SET_PDEATHSIG, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 22, 38
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_CLONE_THREAD, _AT_EMPTY_PATH = 0x00010000, 0x1000
_ALLOW, _EPERM, _ENOSYS, _KILL = 0x7FFF0000, 0x00050001, 0x00050026, 0x80000000
_X32 = 0x40000000

_ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
_ALLOWED_SYSCALLS = """
futex 202 98, rt_sigprocmask 14 135, brk 12 214, mmap 9 222, munmap 11 215, mremap 25 216, mprotect 10 226
madvise 28 233, membarrier 324 283, read 0 63, write 1 64, lseek 8 62, readv 19 65, writev 20 66, pread64 17 67
pwrite64 18 68, preadv 295 69, pwritev 296 70, close 3 57, fstat 5 80, dup 32 23, fsync 74 82, fdatasync 75 83
ftruncate 77 46, fallocate 285 47, fadvise64 221 223, poll 7 -, ppoll 271 73, select 23 -, pselect6 270 72
set_robust_list 273 99, rseq 334 293, set_tid_address 218 96, gettid 186 178, sched_yield 24 124
sched_getaffinity 204 123, exit 60 93, exit_group 231 94, rt_sigaction 13 134, rt_sigreturn 15 139, sigaltstack 131 132
restart_syscall 219 128, clock_gettime 228 113, clock_getres 229 114, clock_nanosleep 230 115, nanosleep 35 101
gettimeofday 96 169, time 201 -, getpid 39 172, getppid 110 173, getuid 102 174, geteuid 107 175, getgid 104 176
getegid 108 177, getrusage 98 165, times 100 153, uname 63 160, sysinfo 99 179, getcpu 309 168, getrandom 318 278
getrlimit 97 163
"""
"""System calls by their numbers on x86_64 and aarch64: open files, memory, threads, signals to itself, the time."""

_JUMP_IF_EQUAL, _JUMP_IF_BITS_SET = 0x15, 0x45
_ArgumentCheck = tuple[int, int, tuple[int, ...]]
"""The offset of an argument's word in what the filter is given, how it is compared, with what (one is enough)."""


def _get_argument_offset(argument: int, upper: bool = False) -> int:
    return 16 + 8 * argument + 4 * upper


def _list_conditional_syscalls() -> list[tuple[tuple[int, int], tuple[_ArgumentCheck, ...]]]:
    """Calls that are granted with some arguments only: their numbers, and what must hold."""
    return [
        ((56, 220), ((_get_argument_offset(0), _JUMP_IF_BITS_SET, (_CLONE_THREAD,)),)),  # clone: threads, no processes
        (
            (262, 79),
            ((_get_argument_offset(3), _JUMP_IF_BITS_SET, (_AT_EMPTY_PATH,)),),
        ),  # newfstatat: what libc makes of fstat
        (
            (72, 25),
            ((_get_argument_offset(1), _JUMP_IF_EQUAL, (0, 1, 2, 3, 4, 1030)),),
        ),  # fcntl: dup and flags; no owner, lease or lock
        (
            (16, 29),
            ((_get_argument_offset(1), _JUMP_IF_EQUAL, (0x5401, 0x5413, 0x5450, 0x5451)),),
        ),  # ioctl: isatty, size, close on exec
        ((157, 167), ((_get_argument_offset(0), _JUMP_IF_EQUAL, (15, 16)),)),  # prctl: a thread's name
        ((234, 131), ((_get_argument_offset(0), _JUMP_IF_EQUAL, (os.getpid(),)),)),  # tgkill: itself (abort)
        (
            (302, 261),
            tuple(
                (word, _JUMP_IF_EQUAL, (0,))
                for word in (_get_argument_offset(0), _get_argument_offset(2), _get_argument_offset(2, True))
            ),
        ),  # prlimit64: look
    ]


_CLONE3 = (435, 435)
"""Its flags lie where no filter can look. Told that it is not there, libc takes ``clone``."""


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
    """Go behind the walls, for good; names those that hold. Files that are open stay so."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, limits.wall_s)
    empty = _get_address_space_bytes()
    walls = ["limits"]
    libc = ctypes.CDLL(None, use_errno=True) if platform.system() == "Linux" else None
    if libc is not None:
        if libc.unshare(_CLONE_NEWNET) == 0 or libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0:
            walls.append("network name space")
        if _enter_empty_root():
            walls.append("empty root")
    _set_resource_limits(limits, empty)
    if libc is not None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)  # after unshare, which would clear it
        if _install_seccomp_filter(libc):
            walls.append("system calls")
    return tuple(walls)


def _enter_empty_root() -> bool:
    """Make a folder that is already removed the root: nothing is in it, and nothing can be made there."""
    try:
        folder = tempfile.mkdtemp()
        os.chdir(folder)
        Path(folder).rmdir()
        os.chroot(".")
    except OSError:
        return False
    return True


def _set_resource_limits(limits: SandboxLimits, empty: int) -> None:
    if empty:
        resource.setrlimit(resource.RLIMIT_AS, (empty + limits.memory_bytes,) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_s, limits.cpu_s + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits.output_bytes,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a file that grows too large is an error of write()


def _get_address_space_bytes() -> int:
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def _install_seccomp_filter(libc: ctypes.CDLL) -> bool:
    known = _ARCHITECTURES.get(platform.machine())
    if known is None or libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    column, architecture = known
    calls = [call.split()[1:] for call in _ALLOWED_SYSCALLS.replace("\n", ",").split(",") if call.strip()]
    granted = [int(numbers[column]) for numbers in calls if numbers[column] != "-"]
    conditions = [(numbers[column], checks) for numbers, checks in _list_conditional_syscalls()]
    program = _build_filter(architecture, granted, conditions, _CLONE3[column])
    buffer = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(buffer))
    return bool(libc.prctl(_PR_SET_SECCOMP, 2, ctypes.create_string_buffer(header, len(header)), 0, 0) == 0)


def _build_filter(
    architecture: int, granted: list[int], conditions: list[tuple[int, tuple[_ArgumentCheck, ...]]], missing: int
) -> bytes:
    """A filter in classic BPF.

    Another architecture's calls kill; those *granted* pass, and by their *conditions* some more; *missing* seems not to
    be there; the rest answer EPERM.
    """
    load, above, give = 0x20, 0x35, 0x06
    rows = [(load, 0, 0, 4), (_JUMP_IF_EQUAL, 1, 0, architecture), (give, 0, 0, _KILL), (load, 0, 0, 0)]
    if architecture == _ARCHITECTURES["x86_64"][1]:
        rows += [(above, 0, 1, _X32), (give, 0, 0, _KILL)]
    for number in granted:
        rows += [(_JUMP_IF_EQUAL, 0, 1, number), (give, 0, 0, _ALLOW)]
    for number, checks in conditions:
        block = []
        for word, comparison, values in checks:
            block.append((load, 0, 0, word))
            block += [(comparison, len(values) - n, 0, value) for n, value in enumerate(values)]
            block.append((give, 0, 0, _EPERM))
        block.append((give, 0, 0, _ALLOW))
        rows += [(_JUMP_IF_EQUAL, 0, len(block), number), *block]
    rows += [(_JUMP_IF_EQUAL, 0, 1, missing), (give, 0, 0, _ENOSYS), (give, 0, 0, _EPERM)]
    return b"".join(struct.pack("HBBI", *row) for row in rows)
