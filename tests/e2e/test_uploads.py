"""A film over a bad line: clients that others wrote, a line that is cut twenty times, a server that loses its power."""

import base64
import hashlib
import json
import os
import random
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import requests
from tusclient.client import TusClient

from tests.library import films
from tests.support.installation import ServerInstallation, wait_until

CUTS = 20
SIZE = 6 << 20


class CuttingLine:
    """A line to *port* that is cut after so many bytes from the client, *cuts* times; then it holds."""

    def __init__(self, port: int, cuts: int, seed: int = 315) -> None:
        self.port, self.left = port, cuts
        self._chance = random.Random(seed)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listening.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client = self._listening.accept()[0]
                threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        with suppress(OSError), client, socket.create_connection(("127.0.0.1", self.port)) as server:
            threading.Thread(target=_pour, args=(server, client), daemon=True).start()
            allowed = self._chance.randrange(100_000, 400_000) if self.left else None
            while data := client.recv(1 << 16):
                if allowed is not None:
                    allowed -= len(data)
                    if allowed < 0 and self.left:
                        self.left -= 1
                        break
                server.sendall(data)
            for end in (server, client):
                end.shutdown(socket.SHUT_RDWR)


def _pour(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(1 << 16):
            target.sendall(data)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real film with much in it that says nothing (a free box at its end)."""
    path = films.write_film(tmp_path_factory.mktemp("film") / "film.mp4", frames=25)
    room = SIZE - path.stat().st_size
    with path.open("ab") as file:
        file.write(room.to_bytes(4, "big") + b"free" + random.Random(1).randbytes(room - 8))
    return path


@pytest.fixture
def office(install) -> ServerInstallation:
    return install(campaigns=False).start()


def operator(office: ServerInstallation) -> dict[str, str]:
    """How a person who may add clips proves who they are."""
    office.run("users", "add", "li", "--role", "operator", "--unit", "bureau")
    return {"Authorization": f"Bearer {office.run_json('tokens', 'add', 'li')['token']}"}


@pytest.fixture
def line(office: ServerInstallation) -> Iterator[CuttingLine]:
    found = CuttingLine(office.port, CUTS)
    yield found
    found.close()


def test_an_upload_cut_twenty_times_and_through_a_power_cut_ends_with_the_right_hash(
    office: ServerInstallation, line: CuttingLine, film: Path
) -> None:
    who = operator(office)
    client = TusClient(f"{line.url}/api/v1/uploads", headers=who)
    uploader = client.uploader(str(film), chunk_size=SIZE, metadata={"filename": "宣传片.mp4"})
    url, offsets, killed = None, [], False
    for _ in range(10 * CUTS):
        try:
            if url is not None:
                uploader = client.uploader(str(film), url=url, chunk_size=SIZE)
                offsets.append(uploader.offset)
            uploader.upload()
            break
        except Exception:
            url = url or uploader.url
            if line.left == CUTS // 2 and not killed:
                killed = True
                office.kill()
                office.start()
    assert (line.left, killed) == (0, True)
    # Some cuts meet an answer, or a piece of which nothing had arrived: those resume where the last one did.
    assert offsets == sorted(offsets) and len({o for o in offsets if 0 < o < SIZE}) > CUTS // 4
    assert_is_there(office, who, film)


def assert_is_there(office: ServerInstallation, who: dict[str, str], film: Path) -> None:
    sha256 = hashlib.sha256(film.read_bytes()).hexdigest()
    answer = requests.get(f"{office.url}/api/v1/clips/{sha256}", headers=who, timeout=10).json()
    assert (answer["kind"], answer["bytes"], answer["duration_ms"]) == ("film", SIZE, 1000)
    sealed = next(office.folder.glob(f"var/library/sealed/**/{sha256}*"))
    assert hashlib.sha256(sealed.read_bytes()).hexdigest() == sha256


@pytest.mark.skipif("TUS_JS_CLIENT" not in os.environ, reason="needs the folder of tus-js-client: TUS_JS_CLIENT=…")
def test_the_client_that_browsers_use_gets_through_too(
    office: ServerInstallation, line: CuttingLine, film: Path
) -> None:
    assert shutil.which("node"), "needs node"
    who = operator(office)
    script = """
      const tus = require(process.env.TUS_JS_CLIENT);
      const [url, file, authorization] = process.argv.slice(1);
      const fs = require("fs");
      const upload = new tus.Upload(fs.createReadStream(file), {
        endpoint: `${url}/api/v1/uploads`, uploadSize: fs.statSync(file).size, chunkSize: 1 << 20,
        headers: { Authorization: authorization }, metadata: { filename: "宣传片.mp4" },
        retryDelays: Array(60).fill(50),
        onError: (error) => { console.error(String(error)); process.exit(1); },
        onSuccess: () => console.log(JSON.stringify(upload.url)),
      });
      upload.start();
    """
    command = ["node", "-e", script, line.url, str(film), who["Authorization"]]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "/api/v1/uploads/" in json.loads(done.stdout) and line.left == 0
    assert_is_there(office, who, film)


def test_what_does_not_fit_is_refused_and_loses_nothing_that_was_acknowledged(
    office: ServerInstallation, film: Path
) -> None:
    who = operator(office)
    api = f"{office.url}/api/v1/uploads"
    tus = {**who, "Tus-Resumable": "1.0.0"}
    piece = {**tus, "Content-Type": "application/offset+octet-stream"}
    name = base64.b64encode("宣传片.mp4".encode()).decode()
    data = film.read_bytes()
    made = requests.post(
        api, headers={**tus, "Upload-Length": str(SIZE), "Upload-Metadata": f"filename {name}"}, timeout=10
    )
    assert made.status_code == 201
    url = office.url + made.headers["Location"]
    half = SIZE // 2
    answer = requests.patch(url, headers={**piece, "Upload-Offset": "0"}, data=data[:half], timeout=30)
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, str(half))

    settle(office, f"max_mb = 5\nreserve_mb = {free_mb(office) * 2}\nquota_mb = 1")
    answer = requests.patch(url, headers={**piece, "Upload-Offset": str(half)}, data=data[half:], timeout=30)
    assert answer.status_code == 507 and told(answer) and "mend" in answer.json()["faults"][0]
    assert requests.head(url, headers=tus, timeout=10).headers["Upload-Offset"] == str(half)
    assert create(api, tus, SIZE).status_code == 413, "larger than a clip may be"

    settle(office, "reserve_mb = 0\nquota_mb = 1")
    answer = create(api, tus, 2_000_000)
    assert answer.status_code == 413 and told(answer), "more than the unit's quota"

    settle(office, "reserve_mb = 0")
    answer = requests.patch(url, headers={**piece, "Upload-Offset": str(half)}, data=data[half:], timeout=30)
    assert answer.status_code == 204, answer.text
    assert_is_there(office, who, film)


def create(api: str, tus: dict[str, str], size: int) -> requests.Response:
    return requests.post(api, headers={**tus, "Upload-Length": str(size)}, timeout=10)


def told(answer: requests.Response) -> str:
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    return answer.json()["faults"][0]["what"]


def free_mb(office: ServerInstallation) -> int:
    return shutil.disk_usage(office.folder).free // 1_000_000


def settle(office: ServerInstallation, library: str) -> None:
    """Run on with other limits."""
    office.stop()
    file = office.folder / "config.toml"
    before = file.read_text("utf-8").partition("\n# -- test --")[0]
    lines, inside = [], False
    for row in before.splitlines():
        inside = row.strip() == "[library]" if row.strip().startswith("[") else inside
        key = row.partition("=")[0].strip().lstrip("# ")
        if not (inside and key in ("max_mb", "reserve_mb", "quota_mb") and not row.startswith("#")):
            lines.append(row)
            if row.strip() == "[library]":
                lines += library.splitlines()
    file.write_text("\n".join(lines), "utf-8")
    office.start()
    wait_until(office.is_ready, "it is there again")
