"""URLs of pages, for users on this machine and outside."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from signage.config import Config

_LOCAL_ADDRESSES = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104


def get_base_url(config: "Config") -> str:
    """Return the server's URL without a trailing slash."""
    if config.web.public_url:
        return config.web.public_url.rstrip("/")
    name = config.server.host
    name = _LOCAL_ADDRESSES.get(name, f"[{name}]" if ":" in name else name)
    return f"http://{name}:{config.server.port}"


def build_link_url(config: "Config", secret: str) -> str:
    """Return the one-time link with which a user sets the password."""
    from signage.services.users.accounts import get_link_path

    return get_base_url(config) + get_link_path(secret)
