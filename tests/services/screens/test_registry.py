"""The registry of screens: created, updated, revoked, deleted."""

from dataclasses import replace

import pytest

from signage.faults import Refused
from signage.model.screen import BrightnessStep, OperatingHours, parse_sun_time
from signage.model.users import Actor, make_cli_actor
from signage.services.publishing.signing_keys import get_signing_keys
from signage.services.screens import screens_csv
from signage.services.screens.registry import (
    create_screen,
    create_screens,
    delete_screen,
    issue_token,
    revoke_screen,
    update_screens,
)
from signage.store import change_counter
from signage.store.screens import heartbeats as contacts
from signage.store.screens import screens
from signage.store.token_hash import hash_token
from tests.support.app_context import create_app_context, list_audit_entries, make_screen

ROOT = make_cli_actor("root")


@pytest.fixture
def context(tmp_path):
    return create_app_context(tmp_path)


def kept(context, screen_id):
    with context.store.read() as connection:
        return screens.get_screen(connection, screen_id)


def codes(refused):
    return [fault.code for fault in refused.value.faults]


def test_a_token_is_given_once_and_only_its_hash_is_kept(context):
    made = create_screen(context, ROOT, make_screen())
    assert kept(context, "taxi-0001").token_hash == hash_token(made.token)
    assert made.key == get_signing_keys(context)[0].id
    for file in context.state.iterdir():
        assert made.token.encode() not in file.read_bytes()


def test_every_fact_comes_back_as_it_was(context):
    full = make_screen(
        groups=("buses", "north"),
        tags=("centre",),
        unit="bureau",
        position=(121.47, 31.23),
        hours=(OperatingHours(parse_sun_time("06:00"), parse_sun_time("22:30:15")),),
        brightness=(BrightnessStep("sunrise", 100), BrightnessStep("sunset", 40)),
        default_campaign="315-2021",
    )
    create_screen(context, ROOT, full)
    assert kept(context, "taxi-0001").screen == full


def test_an_id_that_exists_is_refused(context):
    create_screen(context, ROOT, make_screen())
    with pytest.raises(Refused) as refused:
        create_screen(context, ROOT, make_screen())
    assert codes(refused) == ["screen-exists"]


def test_an_act_without_the_permission_is_refused_and_logged(context):
    operator = Actor("li", frozenset({"operator"}), channel="console")
    with pytest.raises(Refused) as refused:
        create_screen(context, operator, make_screen())
    assert codes(refused) == ["duty-missing"]
    assert list_audit_entries(context)[-1]["details"]["refused"] == "duty-missing"
    assert kept(context, "taxi-0001") is None


def test_the_audit_entry_and_the_revision_come_with_the_act(context):
    create_screen(context, ROOT, make_screen())
    last = list_audit_entries(context)[-1]
    assert (last["verb"], last["object"], last["who"]) == ("screen.add", "taxi-0001", "cli:root")
    with context.store.read() as connection:
        assert change_counter.get_counters(connection)["screens"] == change_counter.get_current(connection)


def test_a_revoked_token_is_known_and_a_new_one_ends_the_revocation(context):
    first = create_screen(context, ROOT, make_screen())
    revoke_screen(context, ROOT, "taxi-0001")
    assert kept(context, "taxi-0001").revoked_at is not None
    second = issue_token(context, ROOT, "taxi-0001")
    assert second.token != first.token
    assert kept(context, "taxi-0001").revoked_at is None


def test_a_removed_screen_is_gone(context):
    create_screen(context, ROOT, make_screen())
    with context.store.write() as connection:
        contacts.record_polls(connection, [("taxi-0001", context.clock.now(), 3)])
    delete_screen(context, ROOT, "taxi-0001")
    assert kept(context, "taxi-0001") is None
    with context.store.read() as connection:
        assert contacts.get_heartbeats(connection) == {}
    with pytest.raises(Refused):
        revoke_screen(context, ROOT, "taxi-0001")
    create_screen(context, ROOT, make_screen())


def test_many_are_changed_by_pattern(context):
    create_screens(context, ROOT, [(make_screen(f"taxi-{n}"), screens_csv.FaultLocation()) for n in range(5)])
    create_screen(context, ROOT, make_screen("bus-1", groups=("buses",)))
    assert len(update_screens(context, ROOT, ["taxi-*", "!taxi-3"], lambda s: replace(s, unit="bureau"))) == 4
    assert kept(context, "taxi-3").screen.unit is None
    assert len(update_screens(context, ROOT, ["group:buses"], lambda s: replace(s, groups=("trams",)))) == 1
    with pytest.raises(Refused) as refused:
        update_screens(context, ROOT, ["group:buses"], lambda s: s)
    assert codes(refused) == ["selector-names-nothing"]


def test_a_change_to_what_is_wrong_changes_nothing(context):
    create_screens(context, ROOT, [(make_screen(f"taxi-{n}"), screens_csv.FaultLocation()) for n in range(3)])
    with pytest.raises(Refused):
        update_screens(
            context, ROOT, ["*"], lambda s: replace(s, panel="none") if s.id == "taxi-2" else replace(s, unit="x")
        )
    assert kept(context, "taxi-0").screen.unit is None


def test_nothing_to_change_leaves_no_entry(context):
    create_screen(context, ROOT, make_screen())
    before = len(list_audit_entries(context))
    update_screens(context, ROOT, ["*"], lambda s: s)
    assert len(list_audit_entries(context)) == before
