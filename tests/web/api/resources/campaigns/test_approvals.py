"""Approvals over the API."""

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


def test_what_one_submits_another_approves_as_exactly_what_was_seen(installation):
    li, wu = installation.create_user("li", "operator"), installation.create_user("wu", "approver")
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
