"""Users over the API."""

from signage.services.users import accounts as people


def faults(response):
    assert response.content_type == "application/problem+json", response.text
    told = response.json
    assert {"type", "title", "status", "faults"} <= set(told)
    assert told["status"] == response.status_code
    assert all({"where", "what", "mend"} <= set(one) for one in told["faults"])
    return [one["where"] for one in told["faults"]]


def test_people_are_added_by_an_administrator_alone(installation):
    admin, li = installation.create_user("root", "admin"), installation.create_user("li", "operator")
    made = admin.call_api("POST", "/users", {"id": "zhou", "roles": ["auditor"]})
    assert made.json["link"].startswith("http://localhost/console/link/")
    assert li.call_api("POST", "/users", {"id": "x", "roles": ["admin"]}).status_code == 403
    assert faults(admin.call_api("POST", "/users", {"id": "y", "roles": ["auditor", "duty"]})) == ["roles"]
    assert admin.call_api("PATCH", "/users/li", {"roles": ["duty"]}).json["roles"] == ["duty"]
    assert li.call_api("GET", "/users").status_code == 403


def test_an_administrator_of_a_unit_governs_that_unit_alone(installation):
    admin = installation.create_user("root", "admin", unit="bureau")
    installation.create_user("li", "operator", unit="station")
    assert admin.call_api("POST", "/users", {"id": "a", "roles": ["admin"]}).status_code == 403
    assert admin.call_api("POST", "/users", {"id": "b", "roles": ["operator"], "unit": "bureau"}).status_code == 201
    assert admin.call_api("POST", "/users/li/link").status_code == 403
    assert admin.call_api("PATCH", "/users/b", {"unit": None}).status_code == 403
    assert people.find_account(installation.office, "b").user.unit == "bureau"
