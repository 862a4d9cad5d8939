"""Takeovers over the API."""


def faults(response):
    assert response.content_type == "application/problem+json", response.text
    told = response.json
    assert {"type", "title", "status", "faults"} <= set(told)
    assert told["status"] == response.status_code
    assert all({"where", "what", "mend"} <= set(one) for one in told["faults"])
    return [one["where"] for one in told["faults"]]


def test_anyone_on_duty_starts_and_stops_a_takeover(installation):
    admin, du = installation.create_user("root", "admin"), installation.create_user("du", "duty")
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
