"""The API: who is let in, how lists are paged, how refusals are told, and the acts that it does."""

import base64
import csv
import gc
import hashlib
import io

import pytest
from PIL import Image
from werkzeug.test import Client

from signage.library.sandbox.media_error import MediaError
from signage.services.users import accounts as people

CAMPAIGN = {
    "id": "spring",
    "title": "春季",
    "timezone": "Asia/Shanghai",
    "from": "2021-03-10T00:00:00",
    "until": "2021-03-19T00:00:00",
    "item": [{"id": "s1", "text": "和谐社会 文明消费", "duration_s": 8}],
    "daypart": {"day": {"days": ["mon-fri"], "from": "06:30:00", "until": "22:00"}},
    "placement": [{"screens": ["*"], "items": ["*"], "dayparts": ["day"]}],
}


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


def test_nobody_is_let_in_without_a_token(house):
    response = Client(house.app).get("/api/v1/screens")
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith("Bearer")
    assert Client(house.app).get("/api/v1/screens", headers={"Authorization": "Bearer x"}).status_code == 401
    assert Client(house.app).get("/api/v1/screens", headers={"Authorization": "Basic x"}).status_code == 401


def test_the_consoles_session_needs_its_csrf_token_for_changes(house):
    someone = house.create_user("li", "admin")
    assert someone.get("/api/v1/screens").status_code == 200
    body = {"id": "taxi-0001", "panel": "taxi-192x64"}
    assert someone.browser.post("/api/v1/screens", json=body).status_code == 403
    wrong = {"X-CSRF-Token": "0" * 64}
    assert someone.browser.post("/api/v1/screens", json=body, headers=wrong).status_code == 403
    right = {"X-CSRF-Token": someone.csrf}
    cross = {**right, "Origin": "https://elsewhere.example"}
    assert someone.browser.post("/api/v1/screens", json=body, headers=cross).status_code == 403
    assert someone.browser.post("/api/v1/screens", json=body, headers=right).status_code == 201


def test_a_token_that_was_revoked_or_whose_person_is_disabled_is_good_for_nobody(house):
    admin, li = house.create_user("root", "admin"), house.create_user("li", "operator")
    assert li.call_api("GET", "/screens").status_code == 200
    number = li.call_api("GET", "/tokens").json["items"][0]["id"]
    assert li.call_api("DELETE", f"/tokens/{number}").status_code == 204
    assert li.call_api("GET", "/screens").status_code == 401
    wu = house.create_user("wu", "operator")
    admin.call_api("POST", "/users/wu/disable")
    assert wu.call_api("GET", "/screens").status_code == 401


def test_a_scope_narrows_what_a_token_is_good_for_and_widens_nothing(house):
    li = house.create_user("li", "duty")
    li.token = li.call_api("POST", "/tokens", {"scope": ["read"]}).json["token"]
    assert li.call_api("GET", "/screens").status_code == 200
    order = {"screens": ["*"], "text": "x", "for": "5m", "why": "y"}
    assert li.call_api("POST", "/takeovers", order).status_code == 403
    assert li.call_api("POST", "/tokens", {}).status_code == 403
    wu = house.create_user("wu", "operator")
    wu.token = wu.call_api("POST", "/tokens", {"scope": ["token.*"]}).json["token"]
    assert faults(wu.call_api("POST", "/tokens", {"scope": ["campaign.*"]})) == ["scope"]
    assert faults(wu.call_api("POST", "/tokens", {"scope": ["everything"]})) == ["scope"]
    assert wu.call_api("POST", "/tokens", {}).status_code == 201
    assert wu.call_api("GET", "/screens").status_code == 403


def test_every_field_that_is_wrong_is_told(house):
    admin = house.create_user("root", "admin")
    body = {"id": "taxi-0001", "kindd": "x", "groups": 3, "timezone": []}
    response = admin.call_api("POST", "/screens", body)
    assert response.status_code == 422
    assert set(faults(response)) == {"kindd", "groups", "timezone", "panel"}
    body = {"id": "Taxi 1", "panel": "none", "timezone": "Mars/Olympus"}
    assert set(faults(admin.call_api("POST", "/screens", body))) == {"id", "panel", "timezone"}
    assert admin.call_api("POST", "/screens", data=b"{", content_type="application/json").status_code == 400
    assert admin.call_api("POST", "/screens", data=b"[]", content_type="application/json").status_code == 400
    assert admin.call_api("POST", "/screens", data=b"x", content_type="text/html").status_code == 415
    assert faults(admin.call_api("GET", "/screens?limit=0&colour=red")) == ["colour"]
    assert faults(admin.call_api("GET", "/screens?limit=0")) == ["limit"]


def test_lists_are_read_page_by_page(house):
    admin = house.create_user("root", "admin")
    for n in range(5):
        admin.call_api("POST", "/screens", {"id": f"taxi-{n}", "panel": "taxi-192x64", "groups": ["buses"]})
    found, cursor = [], ""
    while cursor is not None:
        page = admin.call_api("GET", f"/screens?limit=2&group=buses&cursor={cursor}").json
        assert len(page["items"]) <= 2
        found += [one["id"] for one in page["items"]]
        cursor = page["cursor"]
    assert found == [f"taxi-{n}" for n in range(5)]


def test_a_screen_is_added_changed_revoked_and_taken_out(house):
    admin = house.create_user("root", "admin")
    made = admin.call_api("POST", "/screens", {"id": "taxi-0001", "panel": "taxi-192x64"})
    assert made.status_code == 201
    assert set(made.json) == {"screen", "token", "key"}
    assert faults(admin.call_api("POST", "/screens", {"id": "taxi-0001", "panel": "taxi-192x64"})) == ["id"]
    changed = admin.call_api(
        "PATCH", "/screens/taxi-0001", {"tags": ["centre"], "hours": [{"from": "06:00", "until": "23:00"}]}
    )
    assert (changed.json["tags"], changed.json["hours"][0]["from"]) == (["centre"], "06:00")
    assert admin.call_api("POST", "/screens/taxi-0001/revoke").status_code == 204
    assert admin.call_api("GET", "/screens/taxi-0001").json["condition"]["word"] == "off"
    assert admin.call_api("DELETE", "/screens/taxi-0001").status_code == 204
    assert admin.call_api("GET", "/screens/taxi-0001").status_code == 404


def test_a_new_screen_is_let_in_by_its_code(house):
    admin = house.create_user("root", "admin")
    screen = Client(house.app)
    asked = screen.post("/screen/v1/enrolments", json={"hardware": "box", "panel": {"width": 192, "height": 64}}).json
    waits = admin.call_api("GET", f"/enrolments/{asked['code']}").json
    assert (waits["hardware"], waits["panels"]) == ("box", ["taxi-192x64"])
    body = {"id": "taxi-7", "panel": "taxi-192x64"}
    assert faults(admin.call_api("POST", "/enrolments", {**body, "code": "XXXX-XXXX"})) == ["code"]
    assert admin.call_api("POST", "/enrolments", {**body, "code": asked["code"].lower()}).status_code == 201
    given = screen.get(f"/screen/v1/enrolments/{asked['id']}").json
    assert given["screen"] == "taxi-7"
    assert admin.call_api("GET", f"/enrolments/{asked['code']}").status_code == 404


def test_what_one_submits_another_approves_as_exactly_what_was_seen(house):
    li, wu = house.create_user("li", "operator"), house.create_user("wu", "approver")
    saved = li.call_api("POST", "/campaigns", CAMPAIGN)
    assert saved.status_code == 201, saved.text
    assert li.call_api("POST", "/campaigns/spring/submit", {}).status_code == 204
    seen = wu.call_api("GET", "/approvals/spring").json
    statement = {key: seen[key] for key in ("version", "meaning", "seal")} | {"public_service": True}
    assert faults(wu.call_api("POST", "/approvals/spring/approve", statement)) == ["items"]
    assert wu.call_api("POST", "/approvals/spring/look", {"version": 1, "items": ["s1"]}).json == {"unseen": []}
    assert faults(wu.call_api("POST", "/approvals/spring/approve", {**statement, "seal": "0" * 64})) == ["seal"]
    assert wu.call_api("POST", "/approvals/spring/approve", statement).json == {"live": True}
    assert wu.call_api("GET", "/campaigns/spring").json["approved"] == 1


def test_who_saves_says_on_which_version_the_work_stands(house):
    li = house.create_user("li", "operator")
    li.call_api("POST", "/campaigns", CAMPAIGN)
    other = {**CAMPAIGN, "title": "夏季"}
    assert li.call_api("PUT", "/campaigns/spring?based_on=9", other).status_code == 409
    assert li.call_api("PUT", "/campaigns/spring?based_on=1", {**other, "id": "other"}).status_code == 422
    assert li.call_api("PUT", "/campaigns/spring?based_on=1", other).json["version"] == 2
    assert [v["version"] for v in li.call_api("GET", "/campaigns/spring/versions").json["versions"]] == [2, 1]


def test_a_campaign_is_taken_as_its_file_too(house):
    li = house.create_user("li", "operator")
    li.call_api("POST", "/campaigns", CAMPAIGN)
    text = li.call_api("GET", "/campaigns/spring/file")
    assert text.content_type.startswith("application/toml")
    again = text.get_data().replace(b'"spring"', b'"summer"')
    assert li.call_api("POST", "/campaigns", data=again, content_type="application/toml").status_code == 201
    response = li.call_api("POST", "/campaigns", {"id": "Bad Id", "itm": 1, "item": "x", "placement": 7, "daypart": []})
    assert response.status_code == 422
    assert {"id", "itm", "title", "timezone", "from", "until"} <= set(faults(response))


def test_units_keep_to_their_own_campaigns(house):
    li = house.create_user("li", "operator", unit="bureau")
    wu = house.create_user("wu", "operator", unit="station")
    assert li.call_api("POST", "/campaigns", {**CAMPAIGN, "unit": "bureau"}).status_code == 201
    assert wu.call_api("POST", "/campaigns/spring/submit", {}).status_code == 403
    assert wu.call_api("POST", "/campaigns/spring/end", {"why": "x"}).status_code == 403
    assert wu.call_api("POST", "/campaigns", {**CAMPAIGN, "id": "other", "unit": "bureau"}).status_code == 403
    assert wu.call_api("GET", "/campaigns/spring").status_code == 200


def test_anyone_on_duty_starts_and_stops_a_takeover(house):
    admin, du = house.create_user("root", "admin"), house.create_user("du", "duty")
    admin.call_api("POST", "/screens", {"id": "taxi-0001", "panel": "taxi-192x64"})
    order = {"screens": ["*"], "text": "台风红色预警", "for": "10m", "why": "气象局"}
    started = du.call_api("POST", "/takeovers", order)
    assert started.status_code == 201
    assert started.json["running"]
    name = started.json["id"]
    assert du.call_api("GET", f"/takeovers/{name}/receipt").json["screens"][0]["state"] == "silent"
    assert du.call_api("POST", f"/takeovers/{name}/stop").json["running"] is False
    assert du.call_api("POST", f"/takeovers/{name}/stop").status_code == 409
    assert du.call_api("POST", "/takeovers/none/stop").status_code == 404
    wrong = du.call_api("POST", "/takeovers", {"screens": ["group:none"], "why": " ", "for": "1h"})
    assert {"text", "why", "screens"} <= set(faults(wrong))


def test_a_clip_comes_in_under_its_own_name_whatever_it_is(house):
    li = house.create_user("li", "operator")
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


def test_an_upload_whose_clip_could_not_be_looked_at_yet_goes_on_when_it_is_asked_for(house, monkeypatch):
    li = house.create_user("li", "operator")
    where = begin(li, picture())

    def busy(*_):
        raise MediaError("library-busy")

    with monkeypatch.context() as patch:
        patch.setattr(house.library.sandbox, "run", busy)
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


def test_one_clip_after_the_other_comes_in_however_many_they_are(house, untidied):
    li = house.create_user("li", "operator")
    each = house.services.config.uploads_each
    for data, status in [(picture(), 201), (b"no picture", 422), (b"", 422)] * (each + 1):
        file = {"file": (io.BytesIO(data), "x.png")}
        response = li.call_api("POST", "/clips", data=file, content_type="multipart/form-data")
        assert response.status_code == status, response.text


def test_pieces_that_are_refused_in_their_middle_leave_room_for_the_next(house, untidied):
    li = house.create_user("li", "operator")
    for _ in range(house.services.config.uploads_each + 1):
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


def test_an_upload_goes_on_where_it_stopped(house):
    li, data = house.create_user("li", "operator"), picture()
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


def test_an_upload_is_its_persons_and_may_be_given_up(house):
    li, wu, data = house.create_user("li", "operator"), house.create_user("wu", "operator"), picture()
    where = begin(li, data)
    assert piece(wu, where, 0, data).status_code == 403
    assert wu.call_api("DELETE", where, headers=TUS).status_code == 403
    assert li.call_api("HEAD", where).status_code == 412
    assert li.call_api("DELETE", where, headers=TUS).status_code == 204
    assert li.call_api("HEAD", where, headers=TUS).status_code == 404


def test_an_upload_that_is_no_clip_is_refused_with_its_cause(house):
    li, data = house.create_user("li", "operator"), b"not a picture at all"
    where = begin(li, data, "海报.png")
    response = piece(li, where, 0, data)
    assert response.status_code == 422
    assert faults(response)
    told = li.call_api("GET", where).json
    assert told["state"] == "refused"
    assert told["faults"]


def test_options_tell_what_of_tus_is_spoken(house):
    response = Client(house.app).open("/api/v1/uploads", method="OPTIONS")
    assert response.status_code == 204
    assert response.headers["Tus-Version"] == "1.0.0"
    assert set(response.headers["Tus-Extension"].split(",")) == {"creation", "checksum", "expiration", "termination"}


def test_people_are_added_by_an_administrator_alone(house):
    admin, li = house.create_user("root", "admin"), house.create_user("li", "operator")
    made = admin.call_api("POST", "/users", {"id": "zhou", "roles": ["auditor"]})
    assert made.json["link"].startswith("http://localhost/console/link/")
    assert li.call_api("POST", "/users", {"id": "x", "roles": ["admin"]}).status_code == 403
    assert faults(admin.call_api("POST", "/users", {"id": "y", "roles": ["auditor", "duty"]})) == ["roles"]
    assert admin.call_api("PATCH", "/users/li", {"roles": ["duty"]}).json["roles"] == ["duty"]
    assert li.call_api("GET", "/users").status_code == 403


def test_an_administrator_of_a_unit_governs_that_unit_alone(house):
    admin = house.create_user("root", "admin", unit="bureau")
    house.create_user("li", "operator", unit="station")
    assert admin.call_api("POST", "/users", {"id": "a", "roles": ["admin"]}).status_code == 403
    assert admin.call_api("POST", "/users", {"id": "b", "roles": ["operator"], "unit": "bureau"}).status_code == 201
    assert admin.call_api("POST", "/users/li/link").status_code == 403
    assert admin.call_api("PATCH", "/users/b", {"unit": None}).status_code == 403
    assert people.find_account(house.office, "b").user.unit == "bureau"


def test_the_auditor_reads_everything_and_changes_nothing(house):
    li, zhou = house.create_user("li", "operator"), house.create_user("zhou", "auditor")
    li.call_api("POST", "/campaigns", CAMPAIGN)
    for path in ("/audit", "/plays", "/wall", "/reports", "/users", "/screens", "/campaigns", "/approvals", "/clips"):
        assert zhou.call_api("GET", path).status_code == 200, path
    assert zhou.call_api("GET", "/audit?verb=campaign.*").json["items"][0]["object"] == "spring"
    assert zhou.call_api("POST", "/campaigns", {**CAMPAIGN, "id": "x"}).status_code == 403
    assert li.call_api("GET", "/audit").status_code == 403


def test_a_report_is_made_as_a_file(house):
    li = house.create_user("li", "operator")
    li.call_api("POST", "/campaigns", CAMPAIGN)
    response = li.call_api("GET", "/reports/spring/csv")
    assert response.status_code == 200
    rows = list(csv.reader(io.StringIO(response.get_data().decode("utf-8-sig"))))
    assert any("spring/s1" in row or "s1" in row for row in rows), rows
    english = li.call_api("GET", "/reports/spring/csv?lang=en").get_data().decode("utf-8-sig")
    assert english.lower().count("planned") > response.get_data().decode("utf-8-sig").lower().count("planned")
    assert faults(li.call_api("GET", "/reports/spring/csv?lang=fr")) == ["lang"]
    assert li.call_api("GET", "/reports/spring/exe").status_code == 404
    assert li.call_api("GET", "/reports/none/csv").status_code == 404


def test_slogans_are_added_changed_and_kept_where_they_are_used(house):
    li = house.create_user("li", "operator")
    listed = {
        "list": "1. 和谐社会 文明消费\n2. 守护安全 畅通消费\n\n3. 共促消费公平",
        "tags": ["x315"],
        "source": "市局",
    }
    taken = li.call_api("POST", "/slogans/many", listed)
    assert (taken.status_code, len(taken.json["numbers"]), taken.json["known"]) == (201, 3, [])
    again = li.call_api("POST", "/slogans", {"text": "共促消费公平"})
    assert (again.status_code, faults(again)) == (409, ["text"])
    assert faults(li.call_api("POST", "/slogans", {"text": "字" * 501, "from": "soon"})) == ["text", "from"]
    first, cursor = li.call_api("GET", "/slogans?limit=2").json.values()
    (last,), end = li.call_api("GET", f"/slogans?limit=2&cursor={cursor}").json.values()
    assert [one["text"] for one in [*first, last]] == ["共促消费公平", "守护安全 畅通消费", "和谐社会 文明消费"]
    assert (end, last["tags"], last["source"]) == (None, ["x315"], "市局")
    number = first[0]["number"]
    put = {"text": "共促消费公平！", "based_on": 1, "until": "2027-03-15"}
    assert li.call_api("PUT", f"/slogans/{number}", put).json["version"] == 2
    assert li.call_api("PUT", f"/slogans/{number}", put).status_code == 409
    whole = li.call_api("GET", f"/slogans/{number}").json
    assert [one["text"] for one in whole["versions"]] == ["共促消费公平！", "共促消费公平"]
    li.call_api("POST", "/campaigns", CAMPAIGN)
    assert li.call_api("GET", f"/slogans/{last['number']}").json["items"] == ["spring/s1"]
    assert li.call_api("DELETE", f"/slogans/{last['number']}").status_code == 409
    assert li.call_api("DELETE", f"/slogans/{number}").status_code == 204
    assert [li.call_api("GET", f"/slogans/{one}").status_code for one in (number, "x", "9" * 30)] == [404, 404, 404]
    assert house.create_user("zhou", "auditor").call_api("POST", "/slogans", {"text": "x"}).status_code == 403


def test_a_draft_is_rehearsed(house):
    house.create_user("root", "admin").call_api("POST", "/screens", {"id": "taxi-0001", "panel": "taxi-192x64"})
    li = house.create_user("li", "operator")
    li.call_api("POST", "/campaigns", CAMPAIGN)
    told = li.call_api("GET", "/campaigns/spring/rehearsal?from=2021-03-10&until=2021-03-11").json
    assert (told["campaign"], told["version"], told["from"]) == ("spring", 1, "2021-03-10T00:00:00+08:00")
    (group,) = told["groups"]
    assert (group["screens"], group["panel"]) == (["taxi-0001"], "taxi-192x64")
    (item,) = group["items"]
    assert (item["item"], item["plays"], item["seconds"]) == ("spring/s1", 6975, 55800.0)  # 06:30–22:00, 8 s each
    assert [one["why"] for one in group["silent"]] == ["not-due", "not-due"]
    assert len(li.call_api("GET", "/campaigns/spring/rehearsal").json["groups"]) == 1
    assert faults(li.call_api("GET", "/campaigns/spring/rehearsal?from=2021-03-10&until=2022-03-10")) == ["until"]
    assert li.call_api("GET", "/campaigns/spring/rehearsal?from=9999-12-31").status_code == 422
    assert li.call_api("GET", "/campaigns/none/rehearsal").status_code == 404


@pytest.mark.parametrize("path", ["/nothing", "/screens/x/y/z"])
def test_an_unknown_address_is_a_problem(house, path):
    li = house.create_user("li", "operator")
    response = li.call_api("GET", path)
    assert response.status_code == 404
    assert faults(response)
