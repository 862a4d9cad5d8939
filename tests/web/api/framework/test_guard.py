"""Authentication, CSRF tokens and scopes of API callers."""

import pytest
from werkzeug.test import Client

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


def faults(response):
    assert response.content_type == "application/problem+json", response.text
    told = response.json
    assert {"type", "title", "status", "faults"} <= set(told)
    assert told["status"] == response.status_code
    assert all({"where", "what", "mend"} <= set(one) for one in told["faults"])
    return [one["where"] for one in told["faults"]]


def test_nobody_is_let_in_without_a_token(installation):
    response = Client(installation.app).get("/api/v1/screens")
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith("Bearer")
    assert Client(installation.app).get("/api/v1/screens", headers={"Authorization": "Bearer x"}).status_code == 401
    assert Client(installation.app).get("/api/v1/screens", headers={"Authorization": "Basic x"}).status_code == 401


def test_the_consoles_session_needs_its_csrf_token_for_changes(installation):
    someone = installation.create_user("li", "admin")
    assert someone.get("/api/v1/screens").status_code == 200
    body = {"id": "taxi-0001", "panel": "taxi-192x64"}
    assert someone.browser.post("/api/v1/screens", json=body).status_code == 403
    wrong = {"X-CSRF-Token": "0" * 64}
    assert someone.browser.post("/api/v1/screens", json=body, headers=wrong).status_code == 403
    right = {"X-CSRF-Token": someone.csrf}
    cross = {**right, "Origin": "https://elsewhere.example"}
    assert someone.browser.post("/api/v1/screens", json=body, headers=cross).status_code == 403
    assert someone.browser.post("/api/v1/screens", json=body, headers=right).status_code == 201


def test_a_token_that_was_revoked_or_whose_person_is_disabled_is_good_for_nobody(installation):
    admin, li = installation.create_user("root", "admin"), installation.create_user("li", "operator")
    assert li.call_api("GET", "/screens").status_code == 200
    number = li.call_api("GET", "/tokens").json["items"][0]["id"]
    assert li.call_api("DELETE", f"/tokens/{number}").status_code == 204
    assert li.call_api("GET", "/screens").status_code == 401
    wu = installation.create_user("wu", "operator")
    admin.call_api("POST", "/users/wu/disable")
    assert wu.call_api("GET", "/screens").status_code == 401


def test_a_scope_narrows_what_a_token_is_good_for_and_widens_nothing(installation):
    li = installation.create_user("li", "duty")
    li.token = li.call_api("POST", "/tokens", {"scope": ["read"]}).json["token"]
    assert li.call_api("GET", "/screens").status_code == 200
    order = {"screens": ["*"], "text": "x", "for": "5m", "why": "y"}
    assert li.call_api("POST", "/takeovers", order).status_code == 403
    assert li.call_api("POST", "/tokens", {}).status_code == 403
    wu = installation.create_user("wu", "operator")
    wu.token = wu.call_api("POST", "/tokens", {"scope": ["token.*"]}).json["token"]
    assert faults(wu.call_api("POST", "/tokens", {"scope": ["campaign.*"]})) == ["scope"]
    assert faults(wu.call_api("POST", "/tokens", {"scope": ["everything"]})) == ["scope"]
    assert wu.call_api("POST", "/tokens", {}).status_code == 201
    assert wu.call_api("GET", "/screens").status_code == 403


def test_the_auditor_reads_everything_and_changes_nothing(installation):
    li, zhou = installation.create_user("li", "operator"), installation.create_user("zhou", "auditor")
    li.call_api("POST", "/campaigns", CAMPAIGN)
    for path in ("/audit", "/plays", "/wall", "/reports", "/users", "/screens", "/campaigns", "/approvals", "/clips"):
        assert zhou.call_api("GET", path).status_code == 200, path
    assert zhou.call_api("GET", "/audit?verb=campaign.*").json["items"][0]["object"] == "spring"
    assert zhou.call_api("POST", "/campaigns", {**CAMPAIGN, "id": "x"}).status_code == 403
    assert li.call_api("GET", "/audit").status_code == 403


@pytest.mark.parametrize("path", ["/nothing", "/screens/x/y/z"])
def test_an_unknown_address_is_a_problem(installation, path):
    li = installation.create_user("li", "operator")
    response = li.call_api("GET", path)
    assert response.status_code == 404
    assert faults(response)
