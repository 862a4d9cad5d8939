"""Addresses of pages, as a person at this machine or outside types them."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from signage.config import Config

_LOCAL_ADDRESSES = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104


def get_base_url(config: "Config") -> str:
    """The server's address without a slash at its end."""
    if config.web.public_url:
        return config.web.public_url.rstrip("/")
    name = config.server.host
    name = _LOCAL_ADDRESSES.get(name, f"[{name}]" if ":" in name else name)
    return f"http://{name}:{config.server.port}"


def build_link_url(config: "Config", secret: str) -> str:
    """The one-time link by which a person sets their password."""
    from signage.services.users.accounts import get_link_path

    return get_base_url(config) + get_link_path(secret)
