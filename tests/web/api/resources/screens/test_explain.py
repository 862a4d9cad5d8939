"""The explanation, the screenshot and the expected picture of a screen."""

import io
from datetime import timedelta

from PIL import Image

from signage.pixels.image.png import encode_png
from signage.protocol.playlist import Motion, PlaylistMedia, Program
from signage.services.screens import heartbeats as contacts
from tests.support.app_context import make_screen
from tests.web.support import create_playlist, create_slogan


def create_admin(installation):
    return installation.create_user("boss", "operator", "approver", "admin", "duty")


def add(someone, *ids):
    for one in ids:
        made = someone.call_api("POST", "/screens", {"id": one, "panel": "taxi-192x64", "kind": "taxi-roof"})
        assert made.status_code == 201, made.text


def test_why_a_screen_shows_what_it_shows(installation):
    user = create_admin(installation)
    add(user, "taxi-0001")
    told = user.call_api("GET", "/screens/taxi-0001/why?at=2021-03-15T08:00").json
    assert told["item"] and told["why"] == "fallback" and told["at"].startswith("2021-03-15T08:00:00")
    assert any(step["rule"] == "still" and step["kept"] and step["reason"] for step in told["trail"])
    assert user.call_api("GET", "/screens/taxi-0001/why?at=noon").status_code == 422
    assert user.call_api("GET", "/screens/nobody/why").status_code == 404


def test_the_picture_that_a_screen_sent(installation):
    user = create_admin(installation)
    add(user, "taxi-0001")
    missing = user.call_api("GET", "/screens/taxi-0001/screenshot")
    assert missing.status_code == 404 and missing.content_type == "application/problem+json"
    data = b"\x89PNG\r\n\x1a\n"
    contacts.store_screenshot(installation.office, make_screen("taxi-0001").id, installation.clock.now(), data)
    found = user.call_api("GET", "/screens/taxi-0001/screenshot")
    assert (found.data, found.content_type) == (data, "image/png")


def columns(width: int, height: int) -> Image.Image:
    """A strip whose every column has a red of its own."""
    whole = Image.new("RGB", (width, height))
    for x in range(width):
        whole.paste((x % 256, 0, 0), (x, 0, x + 1, height))
    return whole


def test_the_picture_that_a_screen_should_show(installation):
    user = create_admin(installation)
    add(user, "taxi-0001")
    add(user, "taxi-0002")
    missing = user.call_api("GET", "/screens/taxi-0001/expected")
    assert (missing.status_code, missing.json["code"]) == (404, "expected-unknown")  # its medium is not made yet
    sha256 = installation.server.add_blob(encode_png(columns(250, 64)))
    strip = PlaylistMedia(f"/media/{sha256}.png", "image/png", sha256, 1, 250, 64, Motion("scroll-left", 10))
    begins = installation.clock.now() - timedelta(seconds=2)
    installation.server.put_playlist(create_playlist({"c/s": create_slogan("和谐社会", 8000, strip)}, begins=begins))
    found = user.call_api("GET", "/screens/taxi-0001/expected")
    assert (found.content_type, found.headers["Cache-Control"]) == ("image/png", "no-store")
    with Image.open(io.BytesIO(found.data)) as shown:
        assert shown.convert("RGB").tobytes() == columns(250, 64).crop((20, 0, 212, 64)).tobytes()
    dark = Program(begins, begins + timedelta(hours=1), None, 0, "dark")
    installation.server.put_playlist(create_playlist(begins=begins, programs=(dark,)))
    with Image.open(io.BytesIO(user.call_api("GET", "/screens/taxi-0001/expected").data)) as shown:
        assert (shown.size, shown.convert("RGB").getcolors()) == ((192, 64), [(192 * 64, (0, 0, 0))])
    assert user.call_api("GET", "/screens/taxi-0002/expected").status_code == 404  # it has no document
    assert user.call_api("GET", "/screens/nobody/expected").status_code == 404
