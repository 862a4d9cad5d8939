"""Settings of the library."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LibraryConfig:
    """``[library]``.

    *max_mb*: size of the largest clip. *quota_mb*: total of all clips and unfinished uploads of a unit (0: no limit).
    *reserve_mb*: free disk space that uploads and renditions leave for plays and the audit log. *upload_days*: after
    how long an unfinished upload expires. *max_megapixels*: largest picture or frame. *max_film_s*: longest film.
    *memory_mb*, *probe_s*, *convert_s*: limits of a sandboxed job (memory, seconds of a probe, CPU seconds of a
    conversion). *loudness_lufs*: level that the sound of all films is normalized to (EBU R 128).
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
