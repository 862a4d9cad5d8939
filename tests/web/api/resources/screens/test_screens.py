"""Screens over the API."""

from werkzeug.test import Client


def faults(response):
    assert response.content_type == "application/problem+json", response.text
    told = response.json
    assert {"type", "title", "status", "faults"} <= set(told)
    assert told["status"] == response.status_code
    assert all({"where", "what", "mend"} <= set(one) for one in told["faults"])
    return [one["where"] for one in told["faults"]]


def test_a_screen_is_added_changed_revoked_and_taken_out(installation):
    admin = installation.create_user("root", "admin")
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


def test_a_new_screen_is_let_in_by_its_code(installation):
    admin = installation.create_user("root", "admin")
    screen = Client(installation.app)
    asked = screen.post("/screen/v1/enrolments", json={"hardware": "box", "panel": {"width": 192, "height": 64}}).json
    waits = admin.call_api("GET", f"/enrolments/{asked['code']}").json
    assert (waits["hardware"], waits["panels"]) == ("box", ["taxi-192x64"])
    body = {"id": "taxi-7", "panel": "taxi-192x64"}
    assert faults(admin.call_api("POST", "/enrolments", {**body, "code": "XXXX-XXXX"})) == ["code"]
    assert admin.call_api("POST", "/enrolments", {**body, "code": asked["code"].lower()}).status_code == 201
    given = screen.get(f"/screen/v1/enrolments/{asked['id']}").json
    assert given["screen"] == "taxi-7"
    assert admin.call_api("GET", f"/enrolments/{asked['code']}").status_code == 404
