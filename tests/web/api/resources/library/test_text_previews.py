"""Text previews and the list of commercial wording."""


def create_admin(installation):
    return installation.create_user("boss", "operator", "approver", "admin", "duty")


def test_a_text_is_previewed_on_a_panel(installation):
    user = create_admin(installation)
    told = user.call_api("GET", "/preview?panel=taxi-192x64&text=和谐社会").json
    assert (told["width"], told["height"], told["hints"]) == (192, 64, []) and told["size_px"] >= 16
    hinted = user.call_api("GET", "/preview?panel=taxi-192x64&text=和谐&color=%23010101&background=%23000000").json
    assert hinted["hints"] and hinted["hints"][0]["what"]
    picture = user.call_api("GET", "/preview/picture?panel=taxi-192x64&text=和谐社会")
    assert picture.content_type == "image/png" and picture.data.startswith(b"\x89PNG")
    assert user.call_api("GET", "/preview?panel=none&text=a").status_code == 422


def test_the_wording_is_read_and_set(installation):
    user = create_admin(installation)
    assert "打折" in user.call_api("GET", "/wording").json["words"]
    assert user.call_api("PUT", "/wording", {"words": ["新词"]}).json == {"words": ["新词"]}
    assert user.call_api("PUT", "/wording", {"words": ["a" * 65]}).status_code == 422
    assert installation.create_user("duty", "duty").call_api("PUT", "/wording", {"words": []}).status_code == 403


def test_a_number_that_no_database_keeps_is_refused_by_name(installation):
    user = create_admin(installation)
    for path, body in (
        ("/approvals/c/look", {"version": 1 << 80, "items": []}),
        ("/screens/-/change", {"screens": ["*"], "position": [1 << 80, 1]}),
    ):
        told = user.call_api("POST", path, body)
        assert told.status_code == 422 and told.json["faults"][0]["where"] in ("version", "position")
    assert user.call_api("GET", "/tokens?cursor=" + "9" * 5000).status_code == 200
