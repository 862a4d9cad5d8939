"""Benchmark of the load test itself: what 2,000 screens that poll every 30 s cost the machine that simulates them.

They poll a stand-in server that answers from memory in its own process, so that the figure is the client's.
"""

import asyncio
import subprocess
import sys
from typing import Any

import msgspec

from signage.bench.load_test.runner import LoadTest, LoadTestConfig, raise_file_limit
from signage.bench.support.result_rows import create_row, get_peak_memory_mb
from signage.bench.support.sample_playlist import create_media, create_playlist, create_png
from signage.protocol.playlist import Playlist, PlaylistItem, encode_playlist

SCREENS = 2000
INTERVAL_S = 30
SECONDS = 20.0


def run() -> list[dict[str, Any]]:
    """Return the rows of ``signage bench fleet``."""
    raise_file_limit(SCREENS)
    stand_in = subprocess.Popen(
        [sys.executable, "-c", "from signage.bench.fleet import serve; serve()"], stdout=subprocess.PIPE, text=True
    )
    try:
        assert stand_in.stdout is not None
        port = int(stand_in.stdout.readline())
        tokens = [(f"bench-{n:05d}", f"bench-{n:05d}") for n in range(SCREENS)]
        fleet = LoadTest(LoadTestConfig(f"http://127.0.0.1:{port}", tokens, SECONDS, first_interval_s=INTERVAL_S))
        done = fleet.run()
    finally:
        stand_in.kill()
        stand_in.wait()
    errors = sum(done.errors.values())
    due = SCREENS / INTERVAL_S
    return [
        create_row("fleet", f"{SCREENS} screens at {INTERVAL_S} s polls", done.client.cpu_share, "of a core", goal=0.5),
        create_row(
            "fleet", "polls made of those due", done.polls_per_s, "polls/s", yardstick=due, goal=0.95, at_most=False
        ),
        create_row("fleet", "lateness of the fleet's own loop, p99", done.client.lag_p99_ms, "ms", goal=50),
        create_row("fleet", "errors", errors, "", goal=0),
        create_row("fleet", "memory", get_peak_memory_mb(), "MB", goal=400),
    ]


def serve() -> None:
    """Run the stand-in server: print its port and answer until killed."""
    size = (192, 64)
    items = {
        f"bench/{n}": PlaylistItem(
            kind="slogan", text="畅通消费", duration_ms=8000, media=(create_media(create_png(size, n + 2), size),)
        )
        for n in range(10)
    }
    document = create_playlist(items, size, poll_seconds=INTERVAL_S)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                if head.startswith(b"POST"):
                    await reader.readexactly(int(head.split(b"Content-Length: ")[1].split(b"\r\n")[0]))
                writer.write(_build_reply(document, head))
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def main() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0, backlog=SCREENS)
        sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
        sys.stdout.flush()
        async with server:
            await server.serve_forever()

    asyncio.run(main())


def _build_reply(document: Playlist, head: bytes) -> bytes:
    if head.startswith(b"POST"):
        body = b'{"acknowledged_through":0,"stored":0,"duplicates":0,"rejected":[]}'
        return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    if b"If-None-Match" in head:
        return b'HTTP/1.1 304 Not Modified\r\nETag: "bench"\r\n\r\n'
    screen = head.split(b"Bearer ")[1].split(b"\r\n")[0].decode()
    body = encode_playlist(msgspec.structs.replace(document, screen=screen))
    return b'HTTP/1.1 200 OK\r\nETag: "bench"\r\nContent-Length: %d\r\n\r\n%s' % (len(body), body)
