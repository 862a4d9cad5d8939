"""A line between screens and a server that loses, cuts, doubles, holds back and reorders what goes over it."""

import asyncio
import contextlib
import random
from collections import Counter

_HOST = "127.0.0.1"
_TIMEOUT_S = 60.0


class UnreliableProxy:
    """A proxy of HTTP, one request a connection. Of three requests in ten the screen gets no answer: the request is
    lost on its way, or cut in its middle, or the answer is lost; of the rest one answer in ten is cut in its middle.
    Some requests wait, so that later ones overtake them; some arrive a second time, long after.
    """

    def __init__(self, server: int, chance: random.Random) -> None:
        self.outcomes: Counter[str] = Counter()
        self._server, self._random = server, chance
        self._copies: set[asyncio.Task[bytes | None]] = set()

    async def open(self) -> int:
        """Listen; returns the port."""
        self._listener = await asyncio.start_server(self._serve, _HOST, 0, backlog=2048)
        return int(self._listener.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Let the copies that still wait arrive, then listen no more."""
        await asyncio.gather(*self._copies)
        self._listener.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            writer.write(await self._relay(await _read_request(reader)))
            await writer.drain()
        writer.close()

    async def _relay(self, request: bytes) -> bytes:
        """What the screen gets back."""
        fate, chance = self._random.random(), self._random
        if fate < 0.1:
            self.outcomes["lost"] += 1
            return b""
        if chance.random() < 0.3:
            self.outcomes["held back"] += 1
            await asyncio.sleep(chance.uniform(0, 1))
        if fate < 0.2:
            self.outcomes["cut"] += 1
            await self._forward_half(request)
            return b""
        if chance.random() < 0.15:
            self.outcomes["doubled"] += 1
            copy = asyncio.create_task(self._forward_later(request, chance.uniform(0, 3)))
            self._copies.add(copy)
            copy.add_done_callback(self._copies.discard)
        answer = await self._forward(request)
        if answer is None:
            self.outcomes["nobody there"] += 1
            return b""
        if fate < 0.3:
            self.outcomes["answer lost"] += 1
            return b""
        if fate < 0.37:
            self.outcomes["answer cut"] += 1
            return answer[: len(answer) // 2]
        self.outcomes["answered"] += 1
        return answer

    async def _forward_later(self, request: bytes, wait_s: float) -> bytes | None:
        await asyncio.sleep(wait_s)
        return await self._forward(request)

    async def _forward_half(self, request: bytes) -> None:
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection(_HOST, self._server)
            writer.write(request[: len(request) // 2])
            await writer.drain()
            writer.close()

    async def _forward(self, request: bytes) -> bytes | None:
        """The server's answer; None where it does not listen, or ends in the middle."""
        try:
            reader, writer = await asyncio.open_connection(_HOST, self._server)
        except OSError:
            return None
        try:
            writer.write(request)
            return await asyncio.wait_for(reader.read(), _TIMEOUT_S)
        except (OSError, TimeoutError):
            return None
        finally:
            writer.close()


async def post(port: int, path: str, token: str, body: bytes) -> bytes | None:
    """The body of an answer 200 that came whole, None for everything else."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {_HOST}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    try:
        reader, writer = await asyncio.open_connection(_HOST, port)
    except OSError:
        return None
    try:
        writer.write(head.encode() + body)
        answer = await asyncio.wait_for(reader.read(), 2 * _TIMEOUT_S)
    except (OSError, TimeoutError):
        return None
    finally:
        writer.close()
    head_, parted, found = answer.partition(b"\r\n\r\n")
    whole = parted and f"content-length: {len(found)}\r\n".encode() in head_.lower() + b"\r\n"
    return found if whole and head_.startswith(b"HTTP/1.1 200") else None


async def _read_request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = head.lower().partition(b"content-length:")[2].split(b"\r\n")[0]
    return head + await reader.readexactly(int(length or b"0"))
