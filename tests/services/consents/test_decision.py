"""An installation that is older than the rule goes on without it until somebody decides."""

from dataclasses import replace

import pytest
from sqlalchemy import insert

from signage.faults import FaultLocation
from signage.model.users import make_cli_actor
from signage.publish.load_snapshot import ScheduleRules, load_full_snapshot
from signage.schedule.calendars import OfficialCalendars
from signage.schedule.snapshot import ScheduleSettings
from signage.services.campaigns.versions import load_campaign
from signage.services.consents.decision import describe_pending_decision, find_pending_effects
from signage.services.screens.registry import create_screens
from signage.services.users.accounts import create_user
from signage.store.pending_decisions import pending_decisions
from tests.services.consents.test_submission import CAMPAIGN
from tests.support.app_context import create_app_context, make_screen
from tests.support.clocks import ManualClock

ROOT = make_cli_actor("root")


@pytest.fixture
def context(tmp_path):
    context = create_app_context(tmp_path, ManualClock("2021-03-12T08:00:00+08:00"))
    create_screens(context, ROOT, [(make_screen("b1", unit="bureau"), FaultLocation())])
    load_campaign(context, CAMPAIGN, "")
    for user_id, unit, all_units in (("du", "bureau", False), ("city", None, False), ("all", "bureau", True)):
        create_user(context, ROOT, user_id, ["duty"], unit, all_units=all_units)
    return context


def set_older(context):
    with context.store.write() as connection:
        connection.execute(insert(pending_decisions).values(name="consent"))


def list_consents_of_snapshot(context):
    rules = ScheduleRules(ScheduleSettings(enforce_consent=context.enforce_consent), OfficialCalendars())
    with context.store.read() as connection:
        return load_full_snapshot(connection, rules).consents


def test_a_new_installation_begins_with_the_rule(context):
    assert describe_pending_decision(context) is None
    assert list_consents_of_snapshot(context) == ()


def test_an_older_one_is_told_what_the_rule_would_change(context):
    set_older(context)
    effects = find_pending_effects(context)
    assert effects.campaigns == (("spring", "bureau", 1),)
    assert effects.officers == ("du",)
    assert describe_pending_decision(context).code == "consent-undecided"
    assert list_consents_of_snapshot(context) is None


@pytest.mark.parametrize(("setting", "consents"), [(True, ()), (False, None)])
def test_the_setting_decides(context, setting, consents):
    set_older(context)
    decided = replace(context, enforce_consent=setting)
    assert describe_pending_decision(decided) is None
    assert list_consents_of_snapshot(decided) == consents
