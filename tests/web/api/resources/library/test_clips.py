"""Clips uploaded in one request."""

import gc
import hashlib
import io

import pytest
from PIL import Image


def picture(color="red"):
    out = io.BytesIO()
    Image.new("RGB", (64, 64), color).save(out, "PNG")
    return out.getvalue()


def faults(response):
    assert response.content_type == "application/problem+json", response.text
    told = response.json
    assert {"type", "title", "status", "faults"} <= set(told)
    assert told["status"] == response.status_code
    assert all({"where", "what", "mend"} <= set(one) for one in told["faults"])
    return [one["where"] for one in told["faults"]]


def test_a_clip_comes_in_under_its_own_name_whatever_it_is(installation):
    li = installation.create_user("li", "operator")
    names = ["守护安全.png", "𠮷野家.png", "🎬.png", "无扩展名", "../../etc/passwd.png", ".png", "مرحبا.png"]
    for name in names:
        file = {"file": (io.BytesIO(picture()), name)}
        response = li.call_api("POST", "/clips", data=file, content_type="multipart/form-data")
        assert response.status_code == 201, response.text
        assert response.json["sha256"] == hashlib.sha256(picture()).hexdigest()
    (clip,) = li.call_api("GET", "/clips").json["items"]
    assert set(clip["names"]) == set(names)
    file = {"file": (io.BytesIO(b"no picture"), "x.png")}
    assert li.call_api("POST", "/clips", data=file, content_type="multipart/form-data").status_code == 422
    assert faults(li.call_api("POST", "/clips", data={"x": "y"}, content_type="multipart/form-data")) == ["file"]
    assert li.call_api("DELETE", f"/clips/{clip['sha256']}").status_code == 204


@pytest.fixture
def untidied():
    """Memory that is not tidied meanwhile: what is to be given back must not wait for that."""
    gc.disable()
    yield
    gc.enable()


def test_one_clip_after_the_other_comes_in_however_many_they_are(installation, untidied):
    li = installation.create_user("li", "operator")
    each = installation.services.config.uploads_each
    for data, status in [(picture(), 201), (b"no picture", 422), (b"", 422)] * (each + 1):
        file = {"file": (io.BytesIO(data), "x.png")}
        response = li.call_api("POST", "/clips", data=file, content_type="multipart/form-data")
        assert response.status_code == status, response.text
