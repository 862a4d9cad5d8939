"""Minimal keep-alive HTTP/1.1 connection of a virtual screen.

Not ``requests``: thousands of sessions in threads would measure the client. It supports only what a player sends and
reads; everything else counts as an error of the server.
"""

import asyncio
import ssl
from collections.abc import Mapping
from urllib.parse import urlsplit

from msgspec import Struct

MAX_HEAD_BYTES = 1 << 15
MAX_BODY_BYTES = 32 << 20
TIMEOUT_S = 30.0


class LoadTestResponse(Struct, frozen=True):
    """A complete response; *took_s* from the first byte sent to the last one read."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    took_s: float
    size: int


class RequestError(Exception):
    """No complete response. *kind* is ``connect``, ``closed``, ``timeout`` or ``malformed``."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


class AsyncHttpConnection:
    """The connection: opened on demand, retried once if the server closed it while idle."""

    def __init__(self, server: str, token: str) -> None:
        parts = urlsplit(server)
        self._host, self._tls = parts.hostname or "127.0.0.1", parts.scheme == "https"
        self._port = parts.port or (443 if self._tls else 80)
        self._prefix = parts.path.rstrip("/")
        self._fixed_headers = f"Host: {parts.netloc}\r\nAuthorization: Bearer {token}\r\nUser-Agent: signage-fleet\r\n"
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self.sent_bytes = 0
        self.opened_count = 0

    async def request(self, method: str, path: str, more: str = "", body: bytes = b"") -> LoadTestResponse:
        """Send one request and return its response. Raises RequestError."""
        loop = asyncio.get_running_loop()
        length = f"Content-Length: {len(body)}\r\n" if body or method == "POST" else ""
        head = f"{method} {self._prefix}{path} HTTP/1.1\r\n{self._fixed_headers}{more}{length}\r\n".encode("latin-1")
        began = loop.time()
        reused = self._streams is not None
        try:
            async with asyncio.timeout(TIMEOUT_S):
                try:
                    return await self._send_once(head + body, began)
                except RequestError as failed:
                    if not reused or failed.kind != "closed":
                        raise
                    return await self._send_once(head + body, began)
        except TimeoutError:
            self.close()
            raise RequestError("timeout") from None

    def close(self) -> None:
        """Close the connection."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def _send_once(self, request: bytes, began: float) -> LoadTestResponse:
        reader, writer = self._streams or await self._connect()
        try:
            writer.write(request)
            self.sent_bytes += len(request)
            head = await reader.readuntil(b"\r\n\r\n")
            status, headers = _parse_head(head)
            size = 0 if status in (204, 304) else int(headers.get("content-length", "-1"))
            if not 0 <= size <= MAX_BODY_BYTES:
                raise RequestError("malformed")
            body = await reader.readexactly(size) if size else b""
        except (ConnectionError, asyncio.IncompleteReadError):
            self.close()
            raise RequestError("closed") from None
        except (ValueError, asyncio.LimitOverrunError):
            self.close()
            raise RequestError("malformed") from None
        except RequestError:
            self.close()
            raise
        if headers.get("connection", "").lower() == "close":
            self.close()
        return LoadTestResponse(status, headers, body, asyncio.get_running_loop().time() - began, len(head) + size)

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        context = ssl.create_default_context() if self._tls else None
        try:
            self._streams = await asyncio.open_connection(self._host, self._port, ssl=context, limit=MAX_HEAD_BYTES)
        except OSError:
            raise RequestError("connect") from None
        self.opened_count += 1
        return self._streams


def _parse_head(head: bytes) -> tuple[int, dict[str, str]]:
    first, *lines = head[:-4].decode("latin-1").split("\r\n")
    version, status = first.split(" ")[:2]
    if not version.startswith("HTTP/1."):
        raise RequestError("malformed")
    headers = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    return int(status), headers
