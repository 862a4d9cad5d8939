"""``signage users`` and ``signage tokens``."""


def test_users_and_tokens(shell):
    made = shell("users", "add", "li", "--role", "operator", "approver", "--unit", "bureau", "--json")
    assert made.json["user"] == "li"
    assert made.json["link"].startswith("http://")
    assert shell("users", "add", "zhou", "--role", "auditor", "--role", "admin").status == 1
    token = shell("tokens", "add", "li", "--days", "3", "--json").json["token"]
    assert token not in shell("tokens", "list", "--json").out
    assert shell("tokens", "add", "nobody").status == 1
    assert shell("users", "set", "li", "--role", "approver", "--role", "operator").status == 0
    assert shell("users", "disable", "li").status == 0
    assert shell("users", "list", "--json").json == [
        {
            "user": "li",
            "name": None,
            "roles": ["approver", "operator"],
            "unit": None,
            "all_units": False,
            "state": "disabled",
            "let_in_by": [],
        }
    ]


def test_the_name_of_a_user_is_kept_until_it_is_changed(shell):
    shell("users", "add", "li", "--role", "operator", "--name", "李 明")
    shell("users", "set", "li", "--role", "approver")
    assert shell("users", "list", "--json").json[0]["name"] == "李 明"
    shell("users", "set", "li", "--role", "approver", "--name", "")
    assert shell("users", "list", "--json").json[0]["name"] is None
    assert shell("users", "add", "wu", "--role", "duty", "--name", "吴" * 61).status == 1
