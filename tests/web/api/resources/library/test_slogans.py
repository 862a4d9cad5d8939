"""Slogans over the API."""

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


def test_slogans_are_added_changed_and_kept_where_they_are_used(installation):
    li = installation.create_user("li", "operator")
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
    assert installation.create_user("zhou", "auditor").call_api("POST", "/slogans", {"text": "x"}).status_code == 403
