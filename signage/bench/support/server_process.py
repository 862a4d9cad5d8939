"""A real server (``signage up``) in a process of its own."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def run_server(folder: Path, core: int | None = None) -> Iterator[tuple[int, list[int]]]:
    """Run ``signage up`` in *folder*, on one *core* if given; yield its port and process ids (without decoders)."""
    pinning = [] if core is None else build_pinning_command(core)
    command = [*pinning, sys.executable, "-m", "signage", "up", "--port", "0"]
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        assert process.stdout is not None
        port = 0
        for line in process.stdout:
            link = re.search(r"http://[^:/\s]+:(\d+)", line)
            port = int(link[1]) if link else port
            if line.startswith("ready"):
                break
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        workers = [int(pid) for pid in children.read_text("ascii").split()] if children.exists() else []
        yield port, [process.pid, *workers]
    finally:
        process.terminate()
        process.wait(30)


def build_pinning_command(core: int) -> list[str]:
    """Return the command prefix that pins a process to *core*; empty where that is impossible."""
    cores = os.cpu_count() or 1
    return ["taskset", "-c", str(core)] if cores > core and shutil.which("taskset") else []
