"""Unfinished campaign forms."""

from datetime import timedelta

import pytest

from signage.faults import Refused
from signage.model.users import Actor
from signage.services.campaigns import autosaves
from tests.support.app_context import create_app_context, list_audit_entries
from tests.support.clocks import ManualClock

LI = Actor("li", frozenset({"operator"}), channel="console")
SUN = Actor("sun", frozenset({"operator"}), channel="console")
AUDITOR = Actor("qian", frozenset({"auditor"}), channel="console")
FIELDS = {"title": ["半成品"], "new_text": ["守护安全\n文明消费"]}


@pytest.fixture
def context(tmp_path):
    made = create_app_context(tmp_path, ManualClock())
    yield made
    made.store.close()


def refused_code(act, *arguments):
    with pytest.raises(Refused) as refused:
        act(*arguments)
    return refused.value.faults[0].code


def test_a_form_comes_back_as_it_was_stored(context):
    row = autosaves.create_autosave(context, LI, FIELDS, "spring", 3)
    assert (row.fields, row.campaign, row.based_on, row.revision) == (FIELDS, "spring", 3, 1)
    assert autosaves.find_autosave(context, LI, "spring") == row
    assert list_audit_entries(context) == []


def test_nobody_else_reads_or_changes_it(context):
    number = autosaves.create_autosave(context, LI, FIELDS).number
    assert autosaves.list_autosaves(context, SUN) == []
    assert refused_code(autosaves.get_autosave, context, SUN, number) == "form-gone"
    assert refused_code(autosaves.update_autosave, context, SUN, number, 1, {}, None) == "form-gone"
    assert refused_code(autosaves.discard_autosave, context, SUN, number) == "form-gone"
    autosaves.delete_autosave(context, SUN, number)
    assert autosaves.get_autosave(context, LI, number).fields == FIELDS


def test_who_may_not_save_campaigns_stores_no_form(context):
    assert refused_code(autosaves.create_autosave, context, AUDITOR, FIELDS) == "duty-missing"


def test_the_later_of_two_pages_is_refused_and_nothing_is_overwritten(context):
    number = autosaves.create_autosave(context, LI, FIELDS).number
    first = autosaves.update_autosave(context, LI, number, 1, {"title": ["一"]}, None)
    assert refused_code(autosaves.update_autosave, context, LI, number, 1, {"title": ["二"]}, None) == "form-overtaken"
    assert autosaves.get_autosave(context, LI, number) == first
    assert autosaves.update_autosave(context, LI, number, 2, {"title": ["二"]}, None).revision == 3


def test_a_discarded_form_can_be_restored_for_a_day(context):
    number = autosaves.create_autosave(context, LI, FIELDS).number
    autosaves.discard_autosave(context, LI, number)
    assert autosaves.list_autosaves(context, LI) == []
    assert [row.number for row in autosaves.list_autosaves(context, LI, discarded=True)] == [number]
    autosaves.restore_autosave(context, LI, number)
    assert [row.number for row in autosaves.list_autosaves(context, LI)] == [number]
    autosaves.discard_autosave(context, LI, number)
    context.clock.move(timedelta(days=1).total_seconds())
    assert autosaves.list_autosaves(context, LI, discarded=True) == []


def test_a_user_has_at_most_so_many_forms(context, monkeypatch):
    monkeypatch.setattr(autosaves, "MAX_AUTOSAVES", 3)
    numbers = [autosaves.create_autosave(context, LI, {"title": [str(n)]}).number for n in range(6)]
    assert [row.number for row in autosaves.list_autosaves(context, LI)] == numbers[:-4:-1]
