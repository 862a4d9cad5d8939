"""Reports over the API."""

import csv
import io

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


def test_a_report_is_made_as_a_file(installation):
    li = installation.create_user("li", "operator")
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
