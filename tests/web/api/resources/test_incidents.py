"""Incidents over the API."""


def test_an_incident_is_reported_moved_on_and_answered(installation):
    li, du, zhou = (
        installation.create_user("li", "operator"),
        installation.create_user("du", "duty"),
        installation.create_user("zhou", "auditor"),
    )
    made = li.call_api("POST", "/incidents", {"what": "花屏", "contact": "13800000000"})
    assert made.status_code == 201
    path = f"/incidents/{made.json['id']}/steps"
    assert du.call_api("POST", path, {"step": "handled"}).status_code == 409
    assert du.call_api("POST", path, {"step": "dispatched", "assigned": "nobody-here"}).status_code == 404
    moved = du.call_api("POST", path, {"step": "dispatched", "assigned": "li", "note": "去看看"})
    assert (moved.json["step"], moved.json["next_step"], moved.json["assigned"]) == ("dispatched", "handled", "li")
    assert du.call_api("POST", path, {"step": "note", "note": "在路上"}).json["step"] == "dispatched"
    assert zhou.call_api("POST", path, {"step": "handled"}).status_code == 403
    assert [one["id"] for one in zhou.call_api("GET", "/incidents?open=true").json["items"]] == [made.json["id"]]
    assert du.call_api("GET", "/incidents/999").status_code == 404
    assert du.call_api("GET", "/incidents/x").status_code == 404
