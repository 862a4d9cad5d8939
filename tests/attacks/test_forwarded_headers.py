"""Forged ``X-Forwarded-For`` and ``-Proto``: they count from trusted proxies alone (L2)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signage.web.http.trusted_proxies import PEER_KEY, TrustedProxies

PROXIES = TrustedProxies(["10.0.0.1", "192.0.2.0/24", "2001:db8::/32"])


def apply(peer: str, forwarded_for: str | None = None, proto: str | None = None) -> dict:
    environ = {"REMOTE_ADDR": peer, "wsgi.url_scheme": "http"}
    if forwarded_for is not None:
        environ["HTTP_X_FORWARDED_FOR"] = forwarded_for
    if proto is not None:
        environ["HTTP_X_FORWARDED_PROTO"] = proto
    PROXIES.apply(environ)
    return environ


@given(st.sampled_from(["127.0.0.1", "::1", "203.0.113.9", "10.0.0.2", "unix", ""]), st.text(max_size=60))
def test_headers_of_others_change_nothing(peer, forged):
    environ = apply(peer, forged, "https")
    assert (environ["REMOTE_ADDR"], environ["wsgi.url_scheme"]) == (peer, "http")


@pytest.mark.parametrize(
    ("forwarded_for", "client"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("6.6.6.6, 203.0.113.9", "203.0.113.9"),
        ("6.6.6.6, 203.0.113.9, 192.0.2.7", "203.0.113.9"),
        ("203.0.113.9:4711", "203.0.113.9"),
        ('"[2001:470::1]:80"', "2001:470::1"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("nonsense", "10.0.0.1"),
        ("", "10.0.0.1"),
    ],
)
def test_the_client_is_the_last_address_that_is_no_proxy(forwarded_for, client):
    environ = apply("10.0.0.1", forwarded_for, "https")
    assert (environ["REMOTE_ADDR"], environ["wsgi.url_scheme"]) == (client, "https")
    assert environ[PEER_KEY] == "10.0.0.1"
