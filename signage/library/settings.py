"""What the library is told by the configuration."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LibraryConfig:
    """``[library]``.

    *max_mb*: the largest clip; *quota_mb*: all clips and unfinished uploads of one unit together (0: no limit);
    *reserve_mb*: room that uploads and renditions always leave on the disk, for plays and the log; *upload_days*: how
    long an unfinished upload is kept; *max_megapixels*: the largest picture or frame; *max_film_s*: the longest film;
    *memory_mb*, *probe_s*, *convert_s*: what decoding may take (memory, seconds to look at a clip, seconds of CPU to
    convert one); *loudness_lufs*: the level that all films are brought to (EBU R128).
    """

    max_mb: int = 4096
    quota_mb: int = 51200
    reserve_mb: int = 512
    upload_days: float = 7.0
    max_megapixels: int = 80
    max_film_s: int = 3600
    memory_mb: int = 1024
    probe_s: int = 30
    convert_s: int = 7200
    loudness_lufs: float = -23.0
