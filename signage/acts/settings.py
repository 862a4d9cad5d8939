"""What the acts are told by the configuration."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class ApprovalConfig:
    """``[approval]``. *required*: how many people must approve what others submitted.

    *files*: ``trusted`` takes a campaign file as approved by whoever may write the folder, ``review`` asks people.
    """

    required: int = 1
    files: Literal["trusted", "review"] = "trusted"


@dataclass(frozen=True, slots=True)
class TakeoverConfig:
    """``[takeover]``. *max_h*: the longest that one may be ordered for; *poll_seconds*: how often its screens ask."""

    max_h: float = 24.0
    poll_seconds: int = 5


@dataclass(frozen=True, slots=True)
class FolderConfig:
    """``[folder]``. *path*: where campaign files lie; *settle_ms*: how long a file must lie still before it is read."""

    path: str = "playlists"
    settle_ms: int = 300


@dataclass(frozen=True, slots=True)
class SessionConfig:
    """``[session]``: how long a person stays logged in to the console, unused (*idle_minutes*) and in all (*hours*)."""

    idle_minutes: int = 120
    hours: float = 12.0
