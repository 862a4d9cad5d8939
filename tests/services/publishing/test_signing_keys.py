"""Signing keys and their rotation."""

import pytest

from signage.faults import Refused
from signage.model.users import make_cli_actor
from signage.services.publishing.signing_keys import get_signing_keys, retire_signing_key, rotate_signing_key
from signage.services.screens.registry import (
    create_screen,
)
from tests.support.app_context import create_app_context, make_screen

ROOT = make_cli_actor("root")


@pytest.fixture
def context(tmp_path):
    return create_app_context(tmp_path)


def codes(refused):
    return [fault.code for fault in refused.value.faults]


def test_two_keys_sign_while_they_change(context):
    first = create_screen(context, ROOT, make_screen()).key
    second = rotate_signing_key(context, ROOT).id
    assert [key.id for key in get_signing_keys(context)] == [first, second]
    assert create_screen(context, ROOT, make_screen("taxi-0002")).key == second
    retire_signing_key(context, ROOT, first)
    with pytest.raises(Refused) as refused:
        retire_signing_key(context, ROOT, second)
    assert codes(refused) == ["key-last"]
