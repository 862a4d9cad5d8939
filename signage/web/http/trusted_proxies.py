"""Takes the client's address and scheme from the headers of trusted proxies, and from nobody else.

1. ``X-Forwarded-For`` and ``X-Forwarded-Proto`` count only where the connection comes from ``[server]
   trusted_proxies``; every other sender may have written them.
2. The client is the last address of ``X-Forwarded-For`` that is no trusted proxy: each proxy appends whom it saw.
3. The connection's own address stays in the environment under ``PEER_KEY``.
"""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from signage.web.http.wsgi import WSGIEnvironment

PEER_KEY = "signage.peer"


class TrustedProxies:
    """The proxies at *addresses* (addresses or networks in CIDR form)."""

    def __init__(self, addresses: Iterable[str]) -> None:
        self._networks: tuple[IPv4Network | IPv6Network, ...] = tuple(ip_network(a, strict=False) for a in addresses)

    def is_trusted(self, address: str) -> bool:
        """Whether *address* is one of the proxies."""
        if not self._networks:
            return False
        parsed = _parse_address(address)
        return parsed is not None and any(parsed in network for network in self._networks)

    def apply(self, environ: WSGIEnvironment) -> None:
        """Put the client's address and scheme into *environ* (rules 1 to 3)."""
        peer = str(environ.get("REMOTE_ADDR", ""))
        environ[PEER_KEY] = peer
        if not self.is_trusted(peer):
            return
        environ["REMOTE_ADDR"] = self._find_client(str(environ.get("HTTP_X_FORWARDED_FOR", "")), peer)
        scheme = str(environ.get("HTTP_X_FORWARDED_PROTO", "")).rpartition(",")[2].strip().lower()
        if scheme in ("http", "https"):
            environ["wsgi.url_scheme"] = scheme

    def _find_client(self, forwarded_for: str, peer: str) -> str:
        client = peer
        for text in reversed(forwarded_for.split(",")[-20:]):
            address = _parse_address(text.strip())
            if address is None:
                break
            client = str(address)
            if not self.is_trusted(client):
                break
        return client


def _parse_address(text: str) -> IPv4Address | IPv6Address | None:
    """Return the address in *text*, a port left out; an IPv4 address in IPv6 form as IPv4."""
    bare = text.strip('"')
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        address = ip_address(bare)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address
