"""Bulk changes of screens, and their CSV file."""

import csv
import io


def create_admin(installation):
    return installation.create_user("boss", "operator", "approver", "admin", "duty")


def add(someone, *ids):
    for one in ids:
        made = someone.call_api("POST", "/screens", {"id": one, "panel": "taxi-192x64", "kind": "taxi-roof"})
        assert made.status_code == 201, made.text


def test_many_are_changed_by_pattern(installation):
    user = create_admin(installation)
    add(user, "taxi-0001", "taxi-0002", "bus-0001")
    told = user.call_api(
        "POST", "/screens/-/change", {"screens": ["taxi-*"], "add_groups": ["north"], "unit": "bureau"}
    )
    assert told.json == {"changed": ["taxi-0001", "taxi-0002"]}
    assert user.call_api("GET", "/screens/taxi-0002").json["groups"] == ["north"]
    again = user.call_api("POST", "/screens/-/change", {"screens": ["group:north"], "drop_groups": ["north"]})
    assert len(again.json["changed"]) == 2
    none = user.call_api("POST", "/screens/-/change", {"screens": ["group:south"], "tags": ["a"]})
    assert none.status_code == 422 and none.json["faults"]


def test_a_fleet_goes_out_and_comes_in_as_a_spreadsheet(installation):
    user = create_admin(installation)
    add(user, "taxi-0001")
    out = user.call_api("GET", "/screens/-/csv")
    rows = list(csv.DictReader(io.StringIO(out.data.decode("utf-8-sig"))))
    assert [row["id"] for row in rows] == ["taxi-0001"]
    changed = out.data.replace(b"taxi-roof", b"street")
    sheet = {"headers": {"Content-Type": "text/csv"}}
    assert user.call_api("POST", "/screens/-/csv?mode=update", data=changed, **sheet).json["changed"] == 1
    fresh = changed.replace(b"taxi-0001", b"taxi-0002")
    made = user.call_api("POST", "/screens/-/csv", data=fresh, **sheet).json
    assert made["rows"] == 1 and made["enrolled"][0]["screen"] == "taxi-0002" and made["enrolled"][0]["token"]
    assert user.call_api("POST", "/screens/-/csv", data=fresh, **sheet).status_code == 409
    wrong = user.call_api("POST", "/screens/-/csv", data=b"no,fleet\r\n1,2\r\n", **sheet)
    assert wrong.status_code == 422 and wrong.json["faults"]
    other = user.call_api("POST", "/screens/-/csv", data=fresh, headers={"Content-Type": "text/html"})
    assert other.status_code == 415
