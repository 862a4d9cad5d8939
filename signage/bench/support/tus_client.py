"""A real server (``signage up`` over its own folder), and a client that uploads a file by tus."""

import http.client
from pathlib import Path

from signage.web.api.framework.operations import PREFIX
from signage.web.api.resources.library.uploads import CHUNK_TYPE, TUS_VERSION

CHUNK_BYTES = 16 << 20


def create_operator_token(folder: Path) -> str:
    """Create an installation with one operator; return the operator's token."""
    from signage.config import load_config
    from signage.model.users import make_cli_actor
    from signage.services.bootstrap import open_app_context
    from signage.services.users import accounts as accounts
    from signage.services.users import api_tokens

    (folder / "config.toml").write_text("", "utf-8")
    (folder / "playlists").mkdir()
    app_context = open_app_context(load_config(folder / "config.toml"))
    accounts.create_user(app_context, make_cli_actor("bench"), "bench", ["operator"], "bureau")
    token = api_tokens.create_token(app_context, make_cli_actor("bench"), "bench")
    app_context.store.close()
    return token


def upload_file(port: int, token: str, source: Path) -> None:
    """Upload the file in pieces; it must become a clip."""
    size, at = source.stat().st_size, 0
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    headers = {"Authorization": f"Bearer {token}", "Tus-Resumable": TUS_VERSION}
    response = _request(connection, "POST", f"{PREFIX}/uploads", {**headers, "Upload-Length": str(size)})
    upload_url = response.headers["Location"]
    with source.open("rb", buffering=0) as file:
        while at < size:
            chunk = file.read(CHUNK_BYTES)
            chunk_headers = {**headers, "Upload-Offset": str(at), "Content-Type": CHUNK_TYPE}
            response = _request(connection, "PATCH", upload_url, chunk_headers, chunk)
            at = int(response.headers["Upload-Offset"])
    connection.close()
    if "Clip-SHA256" not in response.headers:
        raise SystemExit("the film did not become a clip")


def _request(
    connection: http.client.HTTPConnection, method: str, path: str, headers: dict[str, str], body: bytes | None = None
) -> http.client.HTTPResponse:
    connection.request(method, path, body, headers)
    response = connection.getresponse()
    body = response.read()
    if response.status >= 300:
        raise SystemExit(f"{method} was answered {response.status}: {body[:500]!r}")
    return response
