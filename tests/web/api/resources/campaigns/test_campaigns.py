"""Campaigns over the API."""

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


def test_who_saves_says_on_which_version_the_work_stands(installation):
    li = installation.create_user("li", "operator")
    li.call_api("POST", "/campaigns", CAMPAIGN)
    other = {**CAMPAIGN, "title": "夏季"}
    assert li.call_api("PUT", "/campaigns/spring?based_on=9", other).status_code == 409
    assert li.call_api("PUT", "/campaigns/spring?based_on=1", {**other, "id": "other"}).status_code == 422
    assert li.call_api("PUT", "/campaigns/spring?based_on=1", other).json["version"] == 2
    assert [v["version"] for v in li.call_api("GET", "/campaigns/spring/versions").json["versions"]] == [2, 1]


def test_a_campaign_is_taken_as_its_file_too(installation):
    li = installation.create_user("li", "operator")
    li.call_api("POST", "/campaigns", CAMPAIGN)
    text = li.call_api("GET", "/campaigns/spring/file")
    assert text.content_type.startswith("application/toml")
    again = text.get_data().replace(b'"spring"', b'"summer"')
    assert li.call_api("POST", "/campaigns", data=again, content_type="application/toml").status_code == 201
    response = li.call_api("POST", "/campaigns", {"id": "Bad Id", "itm": 1, "item": "x", "placement": 7, "daypart": []})
    assert response.status_code == 422
    assert {"id", "itm", "title", "timezone", "from", "until"} <= set(faults(response))


def test_units_keep_to_their_own_campaigns(installation):
    li = installation.create_user("li", "operator", unit="bureau")
    wu = installation.create_user("wu", "operator", unit="station")
    assert li.call_api("POST", "/campaigns", {**CAMPAIGN, "unit": "bureau"}).status_code == 201
    assert wu.call_api("POST", "/campaigns/spring/submit", {}).status_code == 403
    assert wu.call_api("POST", "/campaigns/spring/end", {"why": "x"}).status_code == 403
    assert wu.call_api("POST", "/campaigns", {**CAMPAIGN, "id": "other", "unit": "bureau"}).status_code == 403
    assert wu.call_api("GET", "/campaigns/spring").status_code == 200
