"""Ids of campaigns, items, dayparts, screens, groups, tags, units and panels."""

import re

ID_PATTERN = re.compile(r"[a-z0-9][a-z0-9-]{0,63}\Z")


def is_id(text: str) -> bool:
    """Return whether *text* is a well-formed id (contract, "Words")."""
    return ID_PATTERN.match(text) is not None
