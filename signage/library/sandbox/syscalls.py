"""System calls that a sandboxed process may make, by their numbers on each architecture (seccomp allow-list).

Granted without conditions: reading and writing open files, memory, threads, signals to itself, the time. All others are
refused: opening or changing a file by name, sockets, starting programs or processes, acting on other processes.
"""

from typing import NamedTuple

OWN_PID = -1
"""In ``ArgumentCheck.values``: the process id of the sandboxed process."""
_AT_EMPTY_PATH, _CLONE_THREAD = 0x1000, 0x10000


class ArgumentCheck(NamedTuple):
    """A condition on one argument: one of *values*, or with *any_bit* at least one of their bits.

    *upper*: compare the upper 32 bits of the argument, not the lower ones.
    """

    argument: int
    values: tuple[int, ...]
    any_bit: bool = False
    upper: bool = False


class Syscall(NamedTuple):
    """A system call with its numbers; None where the architecture does not have it."""

    name: str
    x86_64: int | None
    aarch64: int | None
    checks: tuple[ArgumentCheck, ...] = ()


AUDIT_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
"""AUDIT_ARCH_* of the Linux kernel by machine name."""

CLONE3 = Syscall("clone3", 435, 435)
"""Its flags are in memory that no filter can read. The answer ENOSYS makes the C library use ``clone``."""

ALLOWED_SYSCALLS = (
    Syscall("futex", 202, 98),
    Syscall("rt_sigprocmask", 14, 135),
    Syscall("brk", 12, 214),
    Syscall("mmap", 9, 222),
    Syscall("munmap", 11, 215),
    Syscall("mremap", 25, 216),
    Syscall("mprotect", 10, 226),
    Syscall("madvise", 28, 233),
    Syscall("membarrier", 324, 283),
    Syscall("read", 0, 63),
    Syscall("write", 1, 64),
    Syscall("lseek", 8, 62),
    Syscall("readv", 19, 65),
    Syscall("writev", 20, 66),
    Syscall("pread64", 17, 67),
    Syscall("pwrite64", 18, 68),
    Syscall("preadv", 295, 69),
    Syscall("pwritev", 296, 70),
    Syscall("close", 3, 57),
    Syscall("fstat", 5, 80),
    Syscall("dup", 32, 23),
    Syscall("fsync", 74, 82),
    Syscall("fdatasync", 75, 83),
    Syscall("ftruncate", 77, 46),
    Syscall("fallocate", 285, 47),
    Syscall("fadvise64", 221, 223),
    Syscall("poll", 7, None),
    Syscall("ppoll", 271, 73),
    Syscall("select", 23, None),
    Syscall("pselect6", 270, 72),
    Syscall("set_robust_list", 273, 99),
    Syscall("rseq", 334, 293),
    Syscall("set_tid_address", 218, 96),
    Syscall("gettid", 186, 178),
    Syscall("sched_yield", 24, 124),
    Syscall("sched_getaffinity", 204, 123),
    Syscall("exit", 60, 93),
    Syscall("exit_group", 231, 94),
    Syscall("rt_sigaction", 13, 134),
    Syscall("rt_sigreturn", 15, 139),
    Syscall("sigaltstack", 131, 132),
    Syscall("restart_syscall", 219, 128),
    Syscall("clock_gettime", 228, 113),
    Syscall("clock_getres", 229, 114),
    Syscall("clock_nanosleep", 230, 115),
    Syscall("nanosleep", 35, 101),
    Syscall("gettimeofday", 96, 169),
    Syscall("time", 201, None),
    Syscall("getpid", 39, 172),
    Syscall("getppid", 110, 173),
    Syscall("getuid", 102, 174),
    Syscall("geteuid", 107, 175),
    Syscall("getgid", 104, 176),
    Syscall("getegid", 108, 177),
    Syscall("getrusage", 98, 165),
    Syscall("times", 100, 153),
    Syscall("uname", 63, 160),
    Syscall("sysinfo", 99, 179),
    Syscall("getcpu", 309, 168),
    Syscall("getrandom", 318, 278),
    Syscall("getrlimit", 97, 163),
    Syscall("clone", 56, 220, (ArgumentCheck(0, (_CLONE_THREAD,), any_bit=True),)),  # threads, no processes
    Syscall("newfstatat", 262, 79, (ArgumentCheck(3, (_AT_EMPTY_PATH,), any_bit=True),)),  # the C library's fstat
    Syscall("fcntl", 72, 25, (ArgumentCheck(1, (0, 1, 2, 3, 4, 1030)),)),  # dup and flags; no owner, lease or lock
    Syscall("ioctl", 16, 29, (ArgumentCheck(1, (0x5401, 0x5413, 0x5450, 0x5451)),)),  # isatty, size, close-on-exec
    Syscall("prctl", 157, 167, (ArgumentCheck(0, (15, 16)),)),  # the name of a thread
    Syscall("tgkill", 234, 131, (ArgumentCheck(0, (OWN_PID,)),)),  # abort
    Syscall(  # read limits, of the own process only
        "prlimit64", 302, 261, (ArgumentCheck(0, (0,)), ArgumentCheck(2, (0,)), ArgumentCheck(2, (0,), upper=True))
    ),
)
