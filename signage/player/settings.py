"""Settings of a player, as one value."""

from dataclasses import dataclass
from pathlib import Path

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class PlayerConfig:
    """Settings of one player. Empty *token*: the player enrols and shows its code."""

    server: str
    cache: Path
    token: str = ""
    key: str = ""
    cache_bytes: int = 4096 * MIB
    """Limit of media on disk; unused media are deleted first."""
    plays_bytes: int = 16 * MIB
    """Limit of unacknowledged plays; beyond it the oldest are dropped and reported as lost."""
    picture_bytes: int = 64 * MIB
    """Limit of decoded images in memory."""
    document_bytes: int = 16 * MIB
    heartbeat_s: int = 60
    screenshot_s: int = 3600
    fsync_s: float = 15.0
    """Interval of syncing plays to disk (they are always synced before they are sent)."""
    connect_timeout_s: float = 10.0
    read_timeout_s: float = 30.0
    watchdog_s: float = 30.0
    panel: tuple[int, int] = (192, 64)
    """Pixels of the panel until a playlist gives them, for the enrolment code."""
