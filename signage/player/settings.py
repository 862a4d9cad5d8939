"""Everything a player can be told, as one value."""

from dataclasses import dataclass
from pathlib import Path

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class PlayerConfig:
    """What one player runs with. *token* empty: the player asks to be enrolled and shows its code."""

    server: str
    cache: Path
    token: str = ""
    key: str = ""
    cache_bytes: int = 4096 * MIB
    """Media on disk beyond this are removed, those not used any more first."""
    plays_bytes: int = 16 * MIB
    """Unacknowledged plays beyond this are given up, the oldest first, and said to be lost."""
    picture_bytes: int = 64 * MIB
    """Decoded pictures kept in memory."""
    document_bytes: int = 16 * MIB
    heartbeat_s: int = 60
    screenshot_s: int = 3600
    fsync_s: float = 15.0
    """How long a play may wait to reach the disk's surface (it is always there before it is sent)."""
    connect_timeout_s: float = 10.0
    read_timeout_s: float = 30.0
    watchdog_s: float = 30.0
    panel: tuple[int, int] = (192, 64)
    """Pixels of the panel, needed only until a document names them (the code of an enrolment is drawn on it)."""
