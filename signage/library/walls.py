"""What keeps decoding in: limits, no files, no network, no other programs.

A process that has gone behind these walls has its open file descriptors and its memory, and nothing else. On Linux
(x86_64, aarch64) the kernel refuses it, by a seccomp filter, to open or change any file, to make or use a socket, to
start a program and to look into another process; a network name space of its own comes on top where the kernel gives
it. Elsewhere the limits alone hold, and FFmpeg is told to open nothing but what it was handed.
"""

import ctypes
import os
import platform
import resource
import signal
import struct
from dataclasses import dataclass
from pathlib import Path

_PR_SET_PDEATHSIG, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 22, 38
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_ALLOW, _EPERM, _KILL = 0x7FFF0000, 0x00050001, 0x80000000
_X32 = 0x40000000

_ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
_REFUSED = """
open 2 -, creat 85 -, openat 257 56, openat2 437 437, open_by_handle_at 304 265, name_to_handle_at 303 264
unlink 87 -, unlinkat 263 35, rename 82 -, renameat 264 38, renameat2 316 276, rmdir 84 -, truncate 76 45
link 86 -, linkat 265 37, symlink 88 -, symlinkat 266 36, mkdir 83 -, mkdirat 258 34, mknod 133 -, mknodat 259 33
chmod 90 -, fchmodat 268 53, chown 92 -, fchownat 260 54, chdir 80 49, chroot 161 51
socket 41 198, socketpair 53 199, connect 42 203, bind 49 200, listen 50 201, accept 43 202, accept4 288 242
execve 59 221, execveat 322 281, kill 62 129, tkill 200 130, ptrace 101 117, perf_event_open 298 241
process_vm_readv 310 270, process_vm_writev 311 271, pidfd_open 434 434, pidfd_getfd 438 438, pidfd_send_signal 424 424
pivot_root 155 41, mount 165 40, umount2 166 39, setns 308 268, unshare 272 97, bpf 321 280, userfaultfd 323 282
io_uring_setup 425 425, io_uring_enter 426 426, io_uring_register 427 427, kexec_load 246 104, reboot 169 142
init_module 175 105, finit_module 313 273, add_key 248 217, request_key 249 218, keyctl 250 219
"""
"""System calls by their numbers on x86_64 and aarch64: files, network, other processes, the machine."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one job may take: memory beyond the empty process, CPU and wall-clock seconds, bytes of one output."""

    memory_bytes: int
    cpu_s: int
    wall_s: int
    output_bytes: int


def enclose(limits: Limits) -> tuple[str, ...]:
    """Go behind the walls, for good; names those that hold. Files that are open stay so."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, limits.wall_s)
    _limit(limits)
    walls = ["limits"]
    libc = ctypes.CDLL(None, use_errno=True) if platform.system() == "Linux" else None
    if libc is not None:
        if libc.unshare(_CLONE_NEWNET) == 0 or libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0:
            walls.append("network name space")
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)  # after unshare, which would clear it
        if _seccomp(libc):
            walls.append("system calls")
    return tuple(walls)


def _limit(limits: Limits) -> None:
    empty = _address_space()
    if empty:
        resource.setrlimit(resource.RLIMIT_AS, (empty + limits.memory_bytes,) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_s, limits.cpu_s + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits.output_bytes,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a file that grows too large is an error of write()


def _address_space() -> int:
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def _seccomp(libc: ctypes.CDLL) -> bool:
    known = _ARCHITECTURES.get(platform.machine())
    if known is None or libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    column, architecture = known
    calls = [call.split()[1:] for call in _REFUSED.replace("\n", ",").split(",") if call.strip()]
    program = _filter(architecture, [int(numbers[column]) for numbers in calls if numbers[column] != "-"])
    buffer = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(buffer))
    return bool(libc.prctl(_PR_SET_SECCOMP, 2, ctypes.create_string_buffer(header, len(header)), 0, 0) == 0)


def _filter(architecture: int, refused: list[int]) -> bytes:
    """A filter in classic BPF: another architecture's calls kill, those *refused* answer EPERM, the rest pass."""
    load, equal, above, give = 0x20, 0x15, 0x35, 0x06
    rows = [(load, 0, 0, 4), (equal, 1, 0, architecture), (give, 0, 0, _KILL), (load, 0, 0, 0)]
    if architecture == _ARCHITECTURES["x86_64"][1]:
        rows += [(above, 0, 1, _X32), (give, 0, 0, _KILL)]
    for number in refused:
        rows += [(equal, 0, 1, number), (give, 0, 0, _EPERM)]
    rows.append((give, 0, 0, _ALLOW))
    return b"".join(struct.pack("HBBI", *row) for row in rows)
