"""A real server (``signage up`` over its own folder), and a client that uploads a file by tus."""

import http.client
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from signage.web.api.framework.operations import PREFIX
from signage.web.api.resources.library.uploads import CHUNK_TYPE, TUS_VERSION

CHUNK_BYTES = 16 << 20


def create_operator_token(folder: Path) -> str:
    """Create an installation with one operator; return the operator's token."""
    from signage.config import load_config
    from signage.model.users import make_cli_actor
    from signage.services.bootstrap import open_app_context
    from signage.services.users import accounts as people
    from signage.services.users import api_tokens

    (folder / "config.toml").write_text("", "utf-8")
    (folder / "playlists").mkdir()
    office = open_app_context(load_config(folder / "config.toml"))
    people.create_user(office, make_cli_actor("bench"), "bench", ["operator"], "bureau")
    token = api_tokens.create_token(office, make_cli_actor("bench"), "bench")
    office.store.close()
    return token


@contextmanager
def run_server(folder: Path) -> Iterator[tuple[int, list[int]]]:
    """Run the server; yield its port and the ids of its processes (without decoders)."""
    command = [sys.executable, "-m", "signage", "up", "--port", "0"]
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


def upload_file(port: int, token: str, source: Path) -> None:
    """Upload the file in pieces; it must become a clip."""
    size, at = source.stat().st_size, 0
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    heads = {"Authorization": f"Bearer {token}", "Tus-Resumable": TUS_VERSION}
    answer = _request(connection, "POST", f"{PREFIX}/uploads", {**heads, "Upload-Length": str(size)})
    where = answer.headers["Location"]
    with source.open("rb", buffering=0) as file:
        while at < size:
            piece = file.read(CHUNK_BYTES)
            more = {**heads, "Upload-Offset": str(at), "Content-Type": CHUNK_TYPE}
            answer = _request(connection, "PATCH", where, more, piece)
            at = int(answer.headers["Upload-Offset"])
    connection.close()
    if "Clip-SHA256" not in answer.headers:
        raise SystemExit("the film did not become a clip")


def _request(
    connection: http.client.HTTPConnection, method: str, path: str, heads: dict[str, str], body: bytes | None = None
) -> http.client.HTTPResponse:
    connection.request(method, path, body, heads)
    answer = connection.getresponse()
    told = answer.read()
    if answer.status >= 300:
        raise SystemExit(f"{method} was answered {answer.status}: {told[:500]!r}")
    return answer
