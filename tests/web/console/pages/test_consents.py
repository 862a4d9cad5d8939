"""Consents in the console: asked for by one unit, answered by another, withdrawn."""

import re

import pytest

ASK = {"unit": "bureau", "to": "inspection", "screens": "*", "max_share": "3", "hours_from": "06:00"}


@pytest.fixture
def people(installation):
    root = installation.create_user("root", "admin")
    root.call_api("POST", "/screens", {"id": "b1", "panel": "taxi-192x64", "unit": "bureau"})
    owner = installation.create_user("wu", "approver", unit="bureau")
    return owner, installation.create_user("li", "operator", unit="inspection")


def find_consent(user, state):
    return user.call_api("GET", f"/consents?state={state}").json["items"]


def test_a_request_is_answered_on_the_terms_that_were_asked_for(people):
    owner, guest = people
    assert guest.post("/console/consents/-/ask", **ASK, hours_until="22:00").status_code == 303
    (asked,) = find_consent(owner, "asked")
    assert f"/console/consents/{asked['id']}" in owner.get("/console/today").text
    page = owner.get(f"/console/consents/{asked['id']}").text
    fields = dict(re.findall(r'name="(\w+)" type="\w+" value="([^"]*)"', page))
    assert (fields["hours_from"], fields["hours_until"], fields["max_share"]) == ("06:00", "22:00", "3")
    assert owner.post(f"/console/consents/{asked['id']}/answer", **fields).status_code == 303
    (given,) = find_consent(owner, "given")
    assert (given["hours"], given["max_share"]) == ("06:00-22:00", 3)
    assert owner.post(f"/console/consents/{asked['id']}/withdraw").status_code == 303
    assert find_consent(owner, "given") == []


def test_a_faulty_form_comes_back_with_its_faults(people):
    owner, guest = people
    half = guest.post("/console/consents/-/ask", **ASK)
    assert half.status_code == 422
    assert 'value="06:00"' in half.text
    assert guest.post("/console/consents/-/ask").status_code == 422
    assert guest.get("/console/consents/-/give").status_code == 403
    assert guest.post("/console/consents/-/give", **ASK).status_code == 403
    assert owner.get("/console/consents/-/give").status_code == 200
    assert find_consent(owner, "asked") == []
