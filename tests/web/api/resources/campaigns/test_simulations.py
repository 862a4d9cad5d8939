"""Simulations over the API."""

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


def test_a_draft_is_rehearsed(installation):
    installation.create_user("root", "admin").call_api("POST", "/screens", {"id": "taxi-0001", "panel": "taxi-192x64"})
    li = installation.create_user("li", "operator")
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
