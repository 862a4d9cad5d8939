"""Screenshots of screens."""

import io

import pytest
from PIL import Image
from werkzeug.test import Client

from signage.web.settings import WebConfig
from tests.web.support import TOKEN, FakeInstallation

ROOT = f"/s/{TOKEN}"


@pytest.fixture
def client(server: FakeInstallation) -> Client:
    return server.create_client()


def is_problem(answer: object, status: int) -> bool:
    return (answer.status_code, answer.content_type) == (status, "application/problem+json")  # type: ignore[attr-defined]


def picture(form: str, mode: str = "RGB") -> bytes:
    out = io.BytesIO()
    Image.new(mode, (192, 64)).save(out, form)
    return out.getvalue()


@pytest.mark.parametrize(("form", "kind"), [("PNG", "image/png"), ("JPEG", "image/jpeg")])
def test_a_screenshot_is_stored(server: FakeInstallation, client: Client, form: str, kind: str) -> None:
    data = picture(form)
    assert client.put(f"{ROOT}/screenshot", data=data).status_code == 204
    stored = server.screenshots[0]
    assert (stored.screen, stored.type, stored.width, stored.height, stored.data) == ("taxi-0001", kind, 192, 64, data)


@pytest.mark.parametrize(
    "data",
    [b"", b"<html>", picture("GIF", "P"), picture("PNG")[:-3], picture("JPEG")[:-3], picture("JPEG")[:200],
     picture("PNG") + b"<script>", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n" + b"\0" * 40],
)  # fmt: skip
def test_what_is_no_whole_picture_is_no_screenshot(server: FakeInstallation, client: Client, data: bytes) -> None:
    assert is_problem(client.put(f"{ROOT}/screenshot", data=data), 415)
    assert not server.screenshots


def test_a_screenshot_has_a_bound(server: FakeInstallation) -> None:
    server.config = WebConfig(screenshot_max_bytes=100)
    assert is_problem(server.create_client().put(f"{ROOT}/screenshot", data=b"x" * 101), 413)
