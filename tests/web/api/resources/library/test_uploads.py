"""Resumable uploads."""

import base64
import gc
import hashlib
import io

import pytest
from PIL import Image
from werkzeug.test import Client

from signage.library.sandbox.media_error import MediaError


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


def test_an_upload_whose_clip_could_not_be_looked_at_yet_goes_on_when_it_is_asked_for(installation, monkeypatch):
    li = installation.create_user("li", "operator")
    where = begin(li, picture())

    def busy(*_):
        raise MediaError("library-busy")

    with monkeypatch.context() as patch:
        patch.setattr(installation.library.sandbox, "run", busy)
        refused = piece(li, where, 0, picture())
        assert (refused.status_code, refused.json["faults"][0]["code"]) == (503, "library-busy")
        assert "海报.png" in refused.json["faults"][0]["what"]
        assert li.call_api("HEAD", where, headers=TUS).status_code == 503
    assert li.call_api("GET", where).json["state"] == "open"
    assert li.call_api("HEAD", where, headers=TUS).status_code == 200
    assert li.call_api("GET", where).json["state"] == "taken"


@pytest.fixture
def untidied():
    """Memory that is not tidied meanwhile: what is to be given back must not wait for that."""
    gc.disable()
    yield
    gc.enable()


def test_pieces_that_are_refused_in_their_middle_leave_room_for_the_next(installation, untidied):
    li = installation.create_user("li", "operator")
    for _ in range(installation.services.config.uploads_each + 1):
        where = begin(li, picture())
        wrong = {"Upload-Checksum": "sha1 " + base64.b64encode(bytes(20)).decode()}
        assert piece(li, where, 0, picture(), **wrong).status_code == 460
        assert piece(li, where, 7, picture()).status_code == 409
        assert li.call_api("DELETE", where, headers=TUS).status_code == 204


TUS = {"Tus-Resumable": "1.0.0"}


def begin(someone, data, name="海报.png"):
    meta = "filename " + base64.b64encode(name.encode()).decode()
    headers = {**TUS, "Upload-Length": str(len(data)), "Upload-Metadata": meta}
    response = someone.call_api("POST", "/uploads", headers=headers)
    assert response.status_code == 201, response.text
    return response.headers["Location"].removeprefix("/api/v1")


def piece(someone, where, offset, data, **more):
    headers = {**TUS, "Upload-Offset": str(offset), **more}
    return someone.call_api("PATCH", where, data=data, content_type="application/offset+octet-stream", headers=headers)


def test_an_upload_goes_on_where_it_stopped(installation):
    li, data = installation.create_user("li", "operator"), picture()
    where = begin(li, data)
    assert piece(li, where, 0, data[:40]).headers["Upload-Offset"] == "40"
    assert piece(li, where, 0, data[:40]).status_code == 409
    assert li.call_api("HEAD", where, headers=TUS).headers["Upload-Offset"] == "40"
    wrong = "sha1 " + base64.b64encode(b"0" * 20).decode()
    assert piece(li, where, 40, data[40:], **{"Upload-Checksum": wrong}).status_code == 460
    right = "sha1 " + base64.b64encode(hashlib.sha1(data[40:]).digest()).decode()
    done = piece(li, where, 40, data[40:], **{"Upload-Checksum": right})
    assert done.status_code == 204
    assert done.headers["Clip-SHA256"] == hashlib.sha256(data).hexdigest()
    assert li.call_api("GET", where).json["state"] == "taken"
    assert li.call_api("GET", f"/clips/{hashlib.sha256(data).hexdigest()}").json["name"] == "海报.png"


def test_an_upload_is_its_persons_and_may_be_given_up(installation):
    li, wu, data = installation.create_user("li", "operator"), installation.create_user("wu", "operator"), picture()
    where = begin(li, data)
    assert piece(wu, where, 0, data).status_code == 403
    assert wu.call_api("DELETE", where, headers=TUS).status_code == 403
    assert li.call_api("HEAD", where).status_code == 412
    assert li.call_api("DELETE", where, headers=TUS).status_code == 204
    assert li.call_api("HEAD", where, headers=TUS).status_code == 404


def test_an_upload_that_is_no_clip_is_refused_with_its_cause(installation):
    li, data = installation.create_user("li", "operator"), b"not a picture at all"
    where = begin(li, data, "海报.png")
    response = piece(li, where, 0, data)
    assert response.status_code == 422
    assert faults(response)
    told = li.call_api("GET", where).json
    assert told["state"] == "refused"
    assert told["faults"]


def test_options_tell_what_of_tus_is_spoken(installation):
    response = Client(installation.app).open("/api/v1/uploads", method="OPTIONS")
    assert response.status_code == 204
    assert response.headers["Tus-Version"] == "1.0.0"
    assert set(response.headers["Tus-Extension"].split(",")) == {"creation", "checksum", "expiration", "termination"}
