"""Consents over the API, and what users of a unit may decide on (contract, rule 9)."""

import pytest

CAMPAIGN = {
    "id": "spring",
    "title": "春季",
    "timezone": "Asia/Shanghai",
    "from": "2021-03-10T00:00:00",
    "until": "2021-03-19T00:00:00",
    "item": [{"id": "s1", "text": "和谐社会 文明消费", "duration_s": 8}],
    "placement": [{"screens": ["*"], "items": ["*"]}],
    "unit": "inspection",
}
TERMS = {"unit": "bureau", "to": "inspection", "screens": ["*"]}


@pytest.fixture
def people(installation):
    root = installation.create_user("root", "admin")
    for screen_id, unit in (("b1", "bureau"), ("i1", "inspection"), ("c1", None)):
        root.call_api("POST", "/screens", {"id": screen_id, "panel": "taxi-192x64", "unit": unit})
    return {
        "owner": installation.create_user("wu", "approver", unit="bureau"),
        "guest": installation.create_user("li", "operator", unit="inspection"),
        "reviewer": installation.create_user("xu", "approver", unit="inspection"),
        "city": installation.create_user("ma", "approver"),
    }


def submit(user, **changes):
    campaign = CAMPAIGN | changes
    assert user.call_api("POST", "/campaigns", {k: v for k, v in campaign.items() if v}).status_code == 201
    assert user.call_api("POST", f"/campaigns/{campaign['id']}/submit", {}).status_code == 204


def approve(user, campaign_id="spring"):
    seen = user.call_api("GET", f"/approvals/{campaign_id}").json
    user.call_api("POST", f"/approvals/{campaign_id}/look", {"version": seen["version"], "items": ["s1"]})
    statement = {key: seen[key] for key in ("version", "meaning", "seal")} | {"public_service": True}
    return user.call_api("POST", f"/approvals/{campaign_id}/approve", statement)


def find_consent_step(user, screen):
    trail = user.call_api("GET", f"/screens/{screen}/why?at=2021-03-15T12:00:00").json["trail"]
    return next(((step["kept"], step["reason"]) for step in trail if step["rule"] == "consent"), None)


def test_a_submission_asks_and_an_approver_of_the_other_unit_answers(people):
    submit(people["guest"])
    assert approve(people["reviewer"]).json == {"live": True}
    (asked,) = people["owner"].call_api("GET", "/consents?state=asked").json["items"]
    assert (asked["unit"], asked["to"], asked["campaign"]) == ("bureau", "inspection", "spring")
    assert find_consent_step(people["owner"], "b1")[0] is False
    address = f"/consents/{asked['id']}"
    assert people["reviewer"].call_api("POST", f"{address}/give", {}).status_code == 403
    given = people["owner"].call_api("POST", f"{address}/give", {"max_priority": 5, "hours": "06:00-22:00"})
    assert (given.json["state"], given.json["max_priority"], given.json["hours"]) == ("given", 5, "06:00-22:00")
    kept, reason = find_consent_step(people["owner"], "b1")
    assert kept and asked["id"] in reason
    assert people["owner"].call_api("POST", f"{address}/give", {}).status_code == 409
    assert people["owner"].call_api("POST", f"{address}/withdraw").json["state"] == "withdrawn"
    assert find_consent_step(people["owner"], "b1")[0] is False
    assert find_consent_step(people["owner"], "i1") is None


def test_posting_gives_where_the_caller_may_and_asks_where_not(people):
    assert people["owner"].call_api("POST", "/consents", TERMS).json["state"] == "given"
    assert people["guest"].call_api("POST", "/consents", TERMS).json["state"] == "asked"
    assert people["city"].call_api("POST", "/consents", TERMS | {"ask": True}).json["state"] == "asked"
    refused = people["guest"].call_api("POST", "/consents", TERMS | {"to": "market"})
    assert refused.status_code == 403
    wrong = people["owner"].call_api("POST", "/consents", TERMS | {"to": "bureau", "max_share": 0})
    assert wrong.status_code == 422
    assert {fault["where"] for fault in wrong.json["faults"]} == {"to", "max_share"}
    assert people["owner"].call_api("POST", "/consents/none/withdraw").status_code == 404


def test_an_approver_of_another_unit_neither_approves_nor_returns(people):
    submit(people["guest"])
    assert approve(people["owner"]).status_code == 403
    seen = people["owner"].call_api("GET", "/approvals/spring").json
    note = {"version": seen["version"], "meaning": seen["meaning"], "note": "no"}
    assert people["owner"].call_api("POST", "/approvals/spring/return", note).status_code == 403
    assert approve(people["reviewer"]).status_code == 200


def test_a_campaign_of_the_whole_installation_needs_an_approver_without_a_unit(people):
    submit(people["guest"], unit=None)
    assert approve(people["reviewer"]).status_code == 403
    assert approve(people["city"]).json == {"live": True}
    assert people["guest"].call_api("POST", "/campaigns/spring/end", {"why": "over"}).status_code == 403


def test_nobody_widens_their_own_rights(installation):
    boss = installation.create_user("boss", "admin", "operator", unit="bureau")
    for change in ({"unit": None}, {"unit": "market"}, {"roles": ["admin", "duty"]}, {"all_units": True}):
        assert boss.call_api("PATCH", "/users/boss", change).status_code == 403, change
    city = installation.create_user("root", "admin")
    assert city.call_api("PATCH", "/users/root", {"roles": ["admin", "duty"]}).status_code == 403
    assert boss.call_api("PATCH", "/users/boss", {"roles": ["admin"]}).json["roles"] == ["admin"]


def test_the_reach_over_all_units_is_granted_by_who_governs_all(installation):
    boss = installation.create_user("boss", "admin", unit="bureau")
    city = installation.create_user("root", "admin")
    officer = {"id": "du", "roles": ["duty"], "unit": "bureau"}
    assert boss.call_api("POST", "/users", officer | {"all_units": True}).status_code == 403
    assert city.call_api("POST", "/users", officer | {"all_units": True}).status_code == 201
    assert city.call_api("GET", "/users/du").json["all_units"] is True
    assert boss.call_api("POST", "/users/du/link").status_code == 403
    assert city.call_api("PATCH", "/users/du", {"all_units": False}).json["all_units"] is False
    assert boss.call_api("POST", "/users/du/link").status_code == 200
