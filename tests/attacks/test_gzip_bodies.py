"""Compressed bodies that cost more than they weigh: members without end, bombs, addresses that need none (M8)."""

import gzip
import time

import pytest

from signage.web.http.request_body import BodyError, decode_gzip
from tests.attacks.wire import request
from tests.web.support import TOKEN

EMPTY_MEMBER = gzip.compress(b"")
PLAYS = f"/s/{TOKEN}/plays"
GZIP = {"Content-Encoding": "gzip"}


def test_many_empty_members_are_refused_at_once(wire_port):
    body = EMPTY_MEMBER * (900_000 // len(EMPTY_MEMBER))
    before = time.process_time()
    with pytest.raises(BodyError) as error:
        decode_gzip(body, "gzip", 1 << 20)
    assert error.value.status == 400 and time.process_time() - before < 1
    assert request(wire_port, "POST", PLAYS, body, GZIP).status == 400


def test_a_bomb_is_refused_by_its_ratio_before_the_limit():
    with pytest.raises(BodyError) as error:
        decode_gzip(gzip.compress(bytes(1_000_000)), "gzip", 1 << 20)
    assert error.value.status == 413


def test_plays_in_a_few_members_are_read(wire_port):
    body = gzip.compress(b'{"plays":') + gzip.compress(b"[]}")
    assert request(wire_port, "POST", PLAYS, body, GZIP).status == 200


@pytest.mark.parametrize("path", [f"/s/{TOKEN}/status", "/screen/v1/enrolments"])
def test_other_addresses_take_no_compressed_body(wire_port, path):
    assert request(wire_port, "POST", path, gzip.compress(b"{}"), GZIP).status == 415
