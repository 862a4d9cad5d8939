"""What a program asks of screens and texts: why, the picture, many at once, a preview, the wording."""

import csv
import io
from datetime import timedelta

from PIL import Image

from signage.pixels.image.png import encode_png
from signage.protocol.playlist import Motion, PlaylistMedia, Program
from signage.services.screens import heartbeats as contacts
from tests.support.app_context import make_screen
from tests.web.support import create_playlist, create_slogan


def boss(house):
    return house.create_user("boss", "operator", "approver", "admin", "duty")


def add(someone, *ids):
    for one in ids:
        made = someone.call_api("POST", "/screens", {"id": one, "panel": "taxi-192x64", "kind": "taxi-roof"})
        assert made.status_code == 201, made.text


def test_many_are_changed_by_pattern(house):
    one = boss(house)
    add(one, "taxi-0001", "taxi-0002", "bus-0001")
    told = one.call_api("POST", "/screens/-/change", {"screens": ["taxi-*"], "add_groups": ["north"], "unit": "bureau"})
    assert told.json == {"changed": ["taxi-0001", "taxi-0002"]}
    assert one.call_api("GET", "/screens/taxi-0002").json["groups"] == ["north"]
    again = one.call_api("POST", "/screens/-/change", {"screens": ["group:north"], "drop_groups": ["north"]})
    assert len(again.json["changed"]) == 2
    none = one.call_api("POST", "/screens/-/change", {"screens": ["group:south"], "tags": ["a"]})
    assert none.status_code == 422 and none.json["faults"]


def test_a_fleet_goes_out_and_comes_in_as_a_spreadsheet(house):
    one = boss(house)
    add(one, "taxi-0001")
    out = one.call_api("GET", "/screens/-/csv")
    rows = list(csv.DictReader(io.StringIO(out.data.decode("utf-8-sig"))))
    assert [row["id"] for row in rows] == ["taxi-0001"]
    changed = out.data.replace(b"taxi-roof", b"street")
    sheet = {"headers": {"Content-Type": "text/csv"}}
    assert one.call_api("POST", "/screens/-/csv?mode=update", data=changed, **sheet).json["changed"] == 1
    fresh = changed.replace(b"taxi-0001", b"taxi-0002")
    made = one.call_api("POST", "/screens/-/csv", data=fresh, **sheet).json
    assert made["rows"] == 1 and made["enrolled"][0]["screen"] == "taxi-0002" and made["enrolled"][0]["token"]
    assert one.call_api("POST", "/screens/-/csv", data=fresh, **sheet).status_code == 409
    wrong = one.call_api("POST", "/screens/-/csv", data=b"no,fleet\r\n1,2\r\n", **sheet)
    assert wrong.status_code == 422 and wrong.json["faults"]
    other = one.call_api("POST", "/screens/-/csv", data=fresh, headers={"Content-Type": "text/html"})
    assert other.status_code == 415


def test_why_a_screen_shows_what_it_shows(house):
    one = boss(house)
    add(one, "taxi-0001")
    told = one.call_api("GET", "/screens/taxi-0001/why?at=2021-03-15T08:00").json
    assert told["item"] and told["why"] == "fallback" and told["at"].startswith("2021-03-15T08:00:00")
    assert any(step["rule"] == "still" and step["kept"] and step["reason"] for step in told["trail"])
    assert one.call_api("GET", "/screens/taxi-0001/why?at=noon").status_code == 422
    assert one.call_api("GET", "/screens/nobody/why").status_code == 404


def test_the_picture_that_a_screen_sent(house):
    one = boss(house)
    add(one, "taxi-0001")
    missing = one.call_api("GET", "/screens/taxi-0001/screenshot")
    assert missing.status_code == 404 and missing.content_type == "application/problem+json"
    data = b"\x89PNG\r\n\x1a\n"
    contacts.store_screenshot(house.office, make_screen("taxi-0001").id, house.clock.now(), data)
    found = one.call_api("GET", "/screens/taxi-0001/screenshot")
    assert (found.data, found.content_type) == (data, "image/png")


def columns(width: int, height: int) -> Image.Image:
    """A strip whose every column has a red of its own."""
    whole = Image.new("RGB", (width, height))
    for x in range(width):
        whole.paste((x % 256, 0, 0), (x, 0, x + 1, height))
    return whole


def test_the_picture_that_a_screen_should_show(house):
    one = boss(house)
    add(one, "taxi-0001")
    add(one, "taxi-0002")
    missing = one.call_api("GET", "/screens/taxi-0001/expected")
    assert (missing.status_code, missing.json["code"]) == (404, "expected-unknown")  # its medium is not made yet
    sha256 = house.server.add_blob(encode_png(columns(250, 64)))
    strip = PlaylistMedia(f"/media/{sha256}.png", "image/png", sha256, 1, 250, 64, Motion("scroll-left", 10))
    begins = house.clock.now() - timedelta(seconds=2)
    house.server.put_playlist(create_playlist({"c/s": create_slogan("和谐社会", 8000, strip)}, begins=begins))
    found = one.call_api("GET", "/screens/taxi-0001/expected")
    assert (found.content_type, found.headers["Cache-Control"]) == ("image/png", "no-store")
    with Image.open(io.BytesIO(found.data)) as shown:
        assert shown.convert("RGB").tobytes() == columns(250, 64).crop((20, 0, 212, 64)).tobytes()
    dark = Program(begins, begins + timedelta(hours=1), None, 0, "dark")
    house.server.put_playlist(create_playlist(begins=begins, programs=(dark,)))
    with Image.open(io.BytesIO(one.call_api("GET", "/screens/taxi-0001/expected").data)) as shown:
        assert (shown.size, shown.convert("RGB").getcolors()) == ((192, 64), [(192 * 64, (0, 0, 0))])
    assert one.call_api("GET", "/screens/taxi-0002/expected").status_code == 404  # it has no document
    assert one.call_api("GET", "/screens/nobody/expected").status_code == 404


def test_a_text_is_previewed_on_a_panel(house):
    one = boss(house)
    told = one.call_api("GET", "/preview?panel=taxi-192x64&text=和谐社会").json
    assert (told["width"], told["height"], told["hints"]) == (192, 64, []) and told["size_px"] >= 16
    hinted = one.call_api("GET", "/preview?panel=taxi-192x64&text=和谐&color=%23010101&background=%23000000").json
    assert hinted["hints"] and hinted["hints"][0]["what"]
    picture = one.call_api("GET", "/preview/picture?panel=taxi-192x64&text=和谐社会")
    assert picture.content_type == "image/png" and picture.data.startswith(b"\x89PNG")
    assert one.call_api("GET", "/preview?panel=none&text=a").status_code == 422


def test_the_wording_is_read_and_set(house):
    one = boss(house)
    assert "打折" in one.call_api("GET", "/wording").json["words"]
    assert one.call_api("PUT", "/wording", {"words": ["新词"]}).json == {"words": ["新词"]}
    assert one.call_api("PUT", "/wording", {"words": ["a" * 65]}).status_code == 422
    assert house.create_user("duty", "duty").call_api("PUT", "/wording", {"words": []}).status_code == 403


def test_a_number_that_no_database_keeps_is_refused_by_name(house):
    one = boss(house)
    for path, body in (
        ("/approvals/c/look", {"version": 1 << 80, "items": []}),
        ("/screens/-/change", {"screens": ["*"], "position": [1 << 80, 1]}),
    ):
        told = one.call_api("POST", path, body)
        assert told.status_code == 422 and told.json["faults"][0]["where"] in ("version", "position")
    assert one.call_api("GET", "/tokens?cursor=" + "9" * 5000).status_code == 200
