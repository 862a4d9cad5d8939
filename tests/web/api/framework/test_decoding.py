"""Decoding of parameters and bodies; pages of lists."""


def faults(response):
    assert response.content_type == "application/problem+json", response.text
    told = response.json
    assert {"type", "title", "status", "faults"} <= set(told)
    assert told["status"] == response.status_code
    assert all({"where", "what", "mend"} <= set(one) for one in told["faults"])
    return [one["where"] for one in told["faults"]]


def test_every_field_that_is_wrong_is_told(installation):
    admin = installation.create_user("root", "admin")
    body = {"id": "taxi-0001", "kindd": "x", "groups": 3, "timezone": []}
    response = admin.call_api("POST", "/screens", body)
    assert response.status_code == 422
    assert set(faults(response)) == {"kindd", "groups", "timezone", "panel"}
    body = {"id": "Taxi 1", "panel": "none", "timezone": "Mars/Olympus"}
    assert set(faults(admin.call_api("POST", "/screens", body))) == {"id", "panel", "timezone"}
    assert admin.call_api("POST", "/screens", data=b"{", content_type="application/json").status_code == 400
    assert admin.call_api("POST", "/screens", data=b"[]", content_type="application/json").status_code == 400
    assert admin.call_api("POST", "/screens", data=b"x", content_type="text/html").status_code == 415
    assert faults(admin.call_api("GET", "/screens?limit=0&colour=red")) == ["colour"]
    assert faults(admin.call_api("GET", "/screens?limit=0")) == ["limit"]


def test_lists_are_read_page_by_page(installation):
    admin = installation.create_user("root", "admin")
    for n in range(5):
        admin.call_api("POST", "/screens", {"id": f"taxi-{n}", "panel": "taxi-192x64", "groups": ["buses"]})
    found, cursor = [], ""
    while cursor is not None:
        page = admin.call_api("GET", f"/screens?limit=2&group=buses&cursor={cursor}").json
        assert len(page["items"]) <= 2
        found += [one["id"] for one in page["items"]]
        cursor = page["cursor"]
    assert found == [f"taxi-{n}" for n in range(5)]
