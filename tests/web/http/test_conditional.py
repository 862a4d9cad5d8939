"""Conditional requests, by polls of a playlist."""

from datetime import UTC, datetime

import pytest

from signage.web.http.conditional import format_http_date
from tests.web.support import TOKEN, FakeInstallation

BY_ADDRESS = f"/s/{TOKEN}/playlist.json"


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("{ETAG}", 304),
        ("W/{ETAG}", 304),
        ('"x", W/{ETAG} ,"y"', 304),
        ('"a,b",{ETAG}', 304),
        ("*", 304),
        ('"other"', 200),
        ("nonsense", 200),
        ("", 200),
    ],
)
def test_if_none_match_compares_weakly_and_takes_lists(server: FakeInstallation, header: str, status: int) -> None:
    etag = server.shelf.tokens[TOKEN].etag
    answer = server.create_client().get(BY_ADDRESS, headers={"If-None-Match": header.replace("{ETAG}", etag)})
    assert answer.status_code == status
    assert answer.headers["ETag"] == etag
    if status == 304:
        assert answer.data == b""
        assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("Mon, 15 Mar 2021 00:00:00 GMT", 304),
        ("Mon, 15 Mar 2021 00:00:04 GMT", 304),
        ("Monday, 15-Mar-21 00:00:00 GMT", 304),
        ("Sun, 14 Mar 2021 23:59:59 GMT", 200),
        ("Fri, 01 Jan 2100 00:00:00 GMT", 200),
        ("yesterday", 200),
        ("", 200),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_if_modified_since_counts_when_it_is_a_date_of_the_past(
    server: FakeInstallation, header: str, status: int, method: str
) -> None:
    answer = server.create_client().open(BY_ADDRESS, method=method, headers={"If-Modified-Since": header})
    assert answer.status_code == status


def test_if_none_match_wins_over_if_modified_since(server: FakeInstallation) -> None:
    late = format_http_date(int(server.clock.now().timestamp()))
    headers = {"If-None-Match": '"other"', "If-Modified-Since": late}
    assert server.create_client().get(BY_ADDRESS, headers=headers).status_code == 200


def test_a_date_that_the_server_just_gave_is_good_though_its_clock_was_set_back(server: FakeInstallation) -> None:
    server.clock.at = datetime(2021, 3, 14, tzinfo=UTC)
    given = server.shelf.tokens[TOKEN].last_modified
    assert server.create_client().get(BY_ADDRESS, headers={"If-Modified-Since": given}).status_code == 304
