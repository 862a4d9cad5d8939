"""Audit entries have the values before and after, of changed fields alone."""

from dataclasses import replace

import pytest

from signage.faults import FaultLocation
from signage.model.campaign_file.write import format_campaign_file
from signage.model.users import Actor, make_cli_actor
from signage.services.campaigns import commercial_words, drafts
from signage.services.screens import registry
from signage.store.campaigns import campaigns
from tests.services.campaigns.test_approval import campaign
from tests.support.app_context import create_app_context, list_audit_entries, make_screen

LI = Actor("li", frozenset({"operator", "approver"}), channel="console")
ROOT = make_cli_actor("root")


@pytest.fixture
def context(tmp_path):
    made = create_app_context(tmp_path)
    fleet = [make_screen(f"taxi-{n:04}", groups=("north",) if n % 2 else ("south",)) for n in range(300)]
    registry.create_screens(made, ROOT, [(one, FaultLocation()) for one in fleet])
    yield made
    made.store.close()


def last(context):
    return list_audit_entries(context)[-1]["details"]


def test_of_one_screen_the_facts_that_changed(context):
    registry.update_screens(context, ROOT, ["taxi-0001"], lambda s: replace(s, unit="bureau", tags=("a",)))
    told = last(context)
    assert told["before"] == {"tags": [], "unit": None}
    assert told["after"] == {"tags": ["a"], "unit": "bureau"}
    assert "screen" not in told


def test_of_many_the_keys_and_what_each_of_the_first_was(context):
    registry.update_screens(context, ROOT, ["taxi-*"], lambda s: replace(s, groups=("north",)))
    told = last(context)
    assert (told["count"], told["keys"], told["after"]) == (150, ["groups"], {"groups": ["north"]})
    assert told["before"]["taxi-0298"] == {"groups": ["south"]} and len(told["before"]) == 150
    registry.update_screens(context, ROOT, ["*"], lambda s: replace(s, tags=(s.id,)))
    told = last(context)
    assert (told["count"], len(told["screens"])) == (300, 300)
    assert len(told["before"]) == len(told["after"]) == registry.MAX_LOGGED_CHANGES
    assert told["after"]["taxi-0007"] == {"tags": ["taxi-0007"]}


def test_of_an_import_likewise(context):
    registry.replace_screens(context, ROOT, [(make_screen("taxi-0001", groups=("west",)), FaultLocation())])
    assert last(context)["before"] == {"groups": ["north"]} and last(context)["after"] == {"groups": ["west"]}


def test_of_the_wording_what_came_and_what_went(context):
    commercial_words.set_commercial_words(context, LI, ["打折", "新词"])
    assert last(context)["put_in"] == ["新词"] and "促销" in last(context)["taken_out"]
    commercial_words.set_commercial_words(context, LI, ["新词"])
    assert (last(context)["taken_out"], last(context)["put_in"]) == (["打折"], [])
    commercial_words.set_commercial_words(context, LI, [])
    assert last(context)["taken_out"] == ["新词"] and "促销" in last(context)["put_in"]


def test_of_a_campaign_both_versions_by_their_meaning(context):
    one = campaign()
    drafts.save_draft(context, LI, one, format_campaign_file(one), None)
    assert "before" not in last(context)
    other = replace(one, title="夏季", priority=3)
    drafts.save_draft(context, LI, other, format_campaign_file(other), 1)
    told = last(context)
    assert told["before"] == {"version": 1, "meaning": campaigns.compute_version_hash(one), "title": one.title}
    assert (told["version"], told["meaning"], told["changed"]) == (
        2,
        campaigns.compute_version_hash(other),
        ["title", "priority"],
    )
