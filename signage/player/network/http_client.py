"""HTTP client of the player: one keep-alive session, every response limited in size and time.

1. A request on a keep-alive connection that the server closed is retried once at once; callers pace other failures.
2. A response is read up to a size limit and a deadline, so that an endless one ends.
3. The token is sent to the signage server only: no redirects with it, and no ``.netrc`` in its place.
"""

import gzip
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin, urlsplit

import requests
import urllib3
from msgspec import Struct

from signage import __version__
from signage.player.health import PlayerError

DEFAULT_MAX_BYTES = 1 << 16
USER_AGENT = f"signage-player/{__version__}"


class HttpResponse(Struct, frozen=True):
    """One response, read completely. *sent* and *received* are readings of the player's counter."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    sent_s: float
    received_s: float

    def get_date(self) -> datetime | None:
        """Return the server's ``Date``; None if there is none, or if a cache on the way stored the response."""
        if self.headers.get("age", "0").strip() not in ("", "0"):
            return None
        try:
            return parsedate_to_datetime(self.headers["date"]).astimezone(UTC)
        except (KeyError, ValueError, TypeError):
            return None


class _BearerAuth(requests.auth.AuthBase):
    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class _NoAuth(requests.auth.AuthBase):
    """Sends no credentials, not even those of a ``.netrc``."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


class ServerConnection:
    """HTTP session with one server; each thread has its own."""

    def __init__(
        self, server: str, token: str, *, connect_s: float, read_s: float, steady: Callable[[], float] = time.monotonic
    ) -> None:
        self._base = server.rstrip("/")
        self._token = token
        self._timeout = (connect_s, read_s)
        self._steady = steady
        self._session = requests.Session()
        self._session.headers.update({"User-Agent": USER_AGENT, "Accept-Encoding": "identity", "Accept": "*/*"})

    def resolve_url(self, href: str) -> str:
        """Resolve *href* of a playlist against the server's URL."""
        return urljoin(self._base + "/", href)

    def get(
        self,
        path: str,
        headers: Mapping[str, str] | None = None,
        *,
        max_bytes: int = DEFAULT_MAX_BYTES,
        deadline_s: float = 60.0,
    ) -> HttpResponse:
        """GET a URL of the screen API. Raises PlayerError if no complete response arrived."""
        return self._request("GET", path, headers or {}, None, max_bytes, deadline_s)

    def post(self, path: str, body: bytes, *, compress: bool = False) -> HttpResponse:
        """POST JSON. Raises PlayerError if no complete response arrived."""
        headers = {"Content-Type": "application/json"}
        if compress:
            body, headers["Content-Encoding"] = gzip.compress(body, 6), "gzip"
        return self._request("POST", path, headers, body, DEFAULT_MAX_BYTES, 60.0)

    def put(self, path: str, body: bytes, content_type: str) -> HttpResponse:
        """PUT bytes. Raises PlayerError if no complete response arrived."""
        return self._request("PUT", path, {"Content-Type": content_type}, body, DEFAULT_MAX_BYTES, 60.0)

    def open_media(self, href: str, headers: Mapping[str, str]) -> requests.Response:
        """Start a media download: no token, redirects followed. The caller closes the response. Raises PlayerError."""
        url = self.resolve_url(href)
        if urlsplit(url).scheme not in ("http", "https"):
            raise PlayerError("media-address", href[:80])
        try:
            return self._request_with_retry("GET", url, dict(headers), None, _NoAuth(), follow=True)
        except (requests.RequestException, OSError) as error:
            raise PlayerError("server-unreachable", _get_error_name(error)) from error

    def close(self) -> None:
        self._session.close()

    def _request(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | None, max_bytes: int, deadline_s: float
    ) -> HttpResponse:
        sent = self._steady()
        deadline = time.monotonic() + deadline_s
        auth = _BearerAuth(self._token) if self._token else _NoAuth()
        try:
            with self._request_with_retry(
                method, self._base + path, dict(headers), body, auth, follow=False
            ) as response:
                received = self._steady()
                body = _read_body(response, max_bytes, deadline)
                lower_case_headers = {k.lower(): v for k, v in response.headers.items()}
                return HttpResponse(response.status_code, lower_case_headers, body, sent, received)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise PlayerError("server-unreachable", _get_error_name(error)) from error

    def _request_with_retry(
        self, method: str, url: str, headers: dict[str, str], body: bytes | None, auth: requests.auth.AuthBase, *,
        follow: bool,
    ) -> requests.Response:  # fmt: skip
        def once() -> requests.Response:
            return self._session.request(
                method, url, headers=headers, data=body, auth=auth, timeout=self._timeout, stream=True,
                allow_redirects=follow,
            )  # fmt: skip

        try:
            return once()
        except (requests.ConnectTimeout, requests.ReadTimeout):
            raise
        except requests.ConnectionError as error:
            if not _is_stale_connection(error):
                raise
            return once()


def _is_stale_connection(error: requests.ConnectionError) -> bool:
    text = repr(error)
    return any(sign in text for sign in ("RemoteDisconnected", "ConnectionReset", "BrokenPipe", "ConnectionAborted"))


def _read_body(response: requests.Response, max_bytes: int, deadline: float) -> bytes:
    body: list[bytes] = []
    size = 0
    for chunk in iter_chunks(response, 1 << 14):
        size += len(chunk)
        if size > max_bytes:
            raise PlayerError("answer-endless", urlsplit(response.url).path.rsplit("/", 1)[-1])
        if time.monotonic() > deadline:
            raise PlayerError("answer-slow", urlsplit(response.url).path.rsplit("/", 1)[-1])
        body.append(chunk)
    length = response.headers.get("Content-Length")
    if length and length.isdigit() and "Content-Encoding" not in response.headers and int(length) != size:
        raise PlayerError("answer-cut", urlsplit(response.url).path.rsplit("/", 1)[-1])
    return b"".join(body)


def iter_chunks(response: requests.Response, max_bytes: int) -> Iterator[bytes]:
    """Yield the body as it arrives, without waiting for full chunks."""
    while chunk := response.raw.read1(max_bytes, decode_content=False):
        yield chunk


def _get_error_name(error: Exception) -> str:
    """Return what failed without the URL, which may contain a token."""
    return type(error).__name__
