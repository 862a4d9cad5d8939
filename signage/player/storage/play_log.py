"""Play log: the plays of this player, on disk until the server has acknowledged them.

1. A play is one line, appended and flushed to the operating system at once: a killed player loses no completed play.
2. Lines have a checksum; a torn end is cut off at the next start, and gaps in between are reported as lost.
3. Lines are synced in groups and always before they are sent, including those of an earlier process; numbers are
   reported as lost only below a synced one. A reported number is never used again, even after a power cut.
4. A segment is deleted only when it is fully acknowledged, or, beyond the size limit, the oldest first; then its
   numbers are reported as ``lost``.
5. ``run`` is created once for this log.
"""

import contextlib
import errno
import os
import secrets
import threading
from collections import deque
from datetime import datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from signage.player.storage.disk import Disk
from signage.player.storage.play_segments import PlaySegment, encode_line, read_segment
from signage.protocol.plays import MAX_BATCH_PLAYS, Play, PlayAcknowledgement, PlayBatchMessage, PlayResult

SEGMENT_BYTES = 64 << 10
BALLAST_BYTES = 64 << 10
MAX_UNWRITTEN = 2000
MAX_BODY_BYTES = 900 << 10
DISK_FULL_ERRORS = (errno.ENOSPC, errno.EDQUOT)
_encode = msgspec.json.encode


class FinishedPlay(Struct, frozen=True):
    """One item shown once, as the state machine recorded it."""

    item: str
    sha256: str
    serial: int
    started_at: datetime
    duration_ms: int
    result: PlayResult


class OutgoingBatch(Struct, frozen=True):
    """The next batch to send; *last* is the highest number that it settles."""

    body: bytes
    last: int
    plays: int


class PlayLog:
    """Plays in numbered segments of a folder. Thread-safe."""

    def __init__(self, folder: Path, disk: Disk, max_bytes: int) -> None:
        self._folder, self._disk, self._max_bytes = folder, disk, max_bytes
        self._lock = threading.RLock()
        self._open()

    # -- opening -----------------------------------------------------------------------------------------------

    def _open(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        self.run_id = self._load_run_id()
        self._acknowledged = self._load_acknowledged()
        self._segments: list[PlaySegment] = []
        self._lost: list[tuple[int, int]] = []
        self._unwritten: deque[Play] = deque()
        self._descriptor: int | None = None
        self._open_segments()
        self._last_written, self._last_synced = self._next_seq - 1, 0
        self._create_ballast()

    def _load_run_id(self) -> str:
        path = self._folder / "run"
        try:
            run = path.read_text("ascii").strip()
        except (OSError, ValueError):
            run = ""
        if not run:
            run = secrets.token_hex(8)
            self._disk.replace(path, run.encode("ascii"))
        return run

    def _load_acknowledged(self) -> int:
        try:
            return int((self._folder / "acknowledged").read_text("ascii"))
        except (OSError, ValueError):
            return 0

    def _open_segments(self) -> None:
        segments = sorted(self._folder.glob("*.plays"))
        expected = self._acknowledged + 1
        for path in segments:
            plays, size = read_segment(path)
            if path == segments[-1] and path.stat().st_size != size:
                os.truncate(path, size)
            if not plays:
                path.unlink()
                continue
            for play in plays:
                if play.seq > expected:
                    self._mark_lost(expected, play.seq - 1)
                expected = max(expected, play.seq + 1)
            self._segments.append(PlaySegment(path, plays[0].seq, plays[-1].seq, path.stat().st_size))
        self._next_seq = expected

    def _create_ballast(self) -> None:
        path = self._folder / "ballast"
        if not path.exists() and self._disk.get_free_bytes(self._folder) > 4 * BALLAST_BYTES:
            with contextlib.suppress(OSError):  # a quota does not show in the free space
                self._disk.replace(path, bytes(BALLAST_BYTES))

    # -- adding ------------------------------------------------------------------------------------------------

    def add_play(self, play: FinishedPlay) -> bool:
        """Append one play; return False if the disk has no space for it now (it waits in memory)."""
        with self._lock:
            timestamp = play.started_at.isoformat(timespec="milliseconds")
            self._unwritten.append(
                Play(self._next_seq, play.item, play.sha256, play.serial, timestamp, play.duration_ms, play.result)
            )
            self._next_seq += 1
            while len(self._unwritten) > MAX_UNWRITTEN:
                dropped = self._unwritten.popleft()
                self._mark_lost(dropped.seq, dropped.seq)
            return self._write_unwritten()

    def _write_unwritten(self) -> bool:
        while self._unwritten:
            play = self._unwritten[0]
            try:
                self._append_line(encode_line(play), play.seq)
            except OSError as error:
                if error.errno not in DISK_FULL_ERRORS or not self._free_space():
                    return False
                continue
            self._unwritten.popleft()
        self._enforce_size_limit()
        return True

    def _append_line(self, line: bytes, seq: int) -> None:
        segment = self._segments[-1] if self._segments else None
        try:
            if segment is None or self._descriptor is None or segment.size + len(line) > SEGMENT_BYTES:
                segment = self._roll_segment(seq)
            assert self._descriptor is not None
            self._disk.write(self._descriptor, line)
        except OSError:
            self._undo_partial_write()
            raise
        segment.size += len(line)
        segment.last = self._last_written = seq

    def _roll_segment(self, seq: int) -> PlaySegment:
        """Continue the last segment, or start a new one."""
        last = self._segments[-1] if self._segments else None
        if last is not None and (self._descriptor is not None or last.size >= SEGMENT_BYTES):
            self.sync()  # delete the rest of a file that was given up
            last = None
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
        if last is None:
            last = PlaySegment(self._folder / f"{seq:012d}.plays", seq, seq - 1, 0)
            self._descriptor = os.open(last.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
            self._segments.append(last)
            self._disk.sync_folder(self._folder)
        else:
            self._descriptor = os.open(last.path, os.O_WRONLY | os.O_APPEND)
        return last

    def _undo_partial_write(self) -> None:
        """Remove a partial line; if that fails, close the segment and start another one."""
        if self._descriptor is not None and self._segments:
            last = self._segments[-1]
            try:
                os.ftruncate(self._descriptor, last.size)
            except OSError:
                last.size = max(last.size, SEGMENT_BYTES)

    def _free_space(self) -> bool:
        """Free space on a full disk: the ballast file first, then the oldest plays."""
        ballast = self._folder / "ballast"
        if ballast.exists():
            ballast.unlink()
            return True
        if len(self._segments) > 1:
            self._drop_oldest_segment()
            return True
        return False

    def _enforce_size_limit(self) -> None:
        while len(self._segments) > 1 and sum(s.size for s in self._segments) > self._max_bytes:
            self._drop_oldest_segment()

    def _drop_oldest_segment(self) -> None:
        dropped = self._segments.pop(0)
        dropped.path.unlink(missing_ok=True)
        if dropped.last > self._acknowledged:
            self._mark_lost(max(dropped.first, self._acknowledged + 1), dropped.last)

    def _mark_lost(self, first: int, last: int) -> None:
        ranges = sorted([*self._lost, (first, last)])
        merged_ranges: list[tuple[int, int]] = []
        for first_number, last_number in ranges:
            if merged_ranges and first_number <= merged_ranges[-1][1] + 1:
                merged_ranges[-1] = (merged_ranges[-1][0], max(merged_ranges[-1][1], last_number))
            else:
                merged_ranges.append((first_number, last_number))
        self._lost = merged_ranges

    # -- sending -----------------------------------------------------------------------------------------------

    def sync(self) -> None:
        """Sync appended plays. Plays that another thread is syncing do not count as done."""
        with self._lock:
            written = self._last_written
            if written <= self._last_synced or not self._segments:
                return
            if self._descriptor is not None:
                descriptor = os.dup(self._descriptor)
            else:  # lines of an earlier process
                descriptor = os.open(self._segments[-1].path, os.O_WRONLY | os.O_APPEND)
        try:  # outside the lock: playback does not wait for slow flash memory
            self._disk.sync(descriptor)
        finally:
            os.close(descriptor)
        with self._lock:
            self._last_synced = max(self._last_synced, written)

    def get_next_batch(self, max_number: int = MAX_BATCH_PLAYS) -> OutgoingBatch | None:
        """Return the oldest unacknowledged plays with lost ranges; None if there is nothing to send."""
        with self._lock:
            if self._unwritten:
                self._write_unwritten()
            lost_ranges = self._list_lost(self._last_written)[:max_number]
            plays = self._read_oldest(max_number)
        if not plays and not lost_ranges:
            return None
        self.sync()
        last = max([p.seq for p in plays[-1:]] + [b for _, b in lost_ranges])
        return OutgoingBatch(_encode(PlayBatchMessage(tuple(plays), self.run_id, lost_ranges)), last, len(plays))

    def _list_lost(self, max_number: int) -> tuple[tuple[int, int], ...]:
        """List lost and unacknowledged numbers up to *max_number*."""
        first_number = self._acknowledged + 1
        return tuple(
            (max(a, first_number), min(b, max_number)) for a, b in self._lost if b >= first_number and a <= max_number
        )

    def _read_oldest(self, max_number: int) -> list[Play]:
        plays: list[Play] = []
        size = 0
        for segment in self._segments:
            if segment.last <= self._acknowledged:
                continue
            for play in read_segment(segment.path)[0]:
                size += 64 + len(play.item.encode()) + 200
                if play.seq > self._acknowledged and play.seq <= segment.last:
                    plays.append(play)
                if len(plays) >= max_number or size > MAX_BODY_BYTES:
                    return plays
        return plays

    def acknowledge(self, answer: PlayAcknowledgement) -> bool:
        """Delete what the server has; return True if it advanced.

        A server restored from an older backup asks for numbers that are gone here: they are reported as lost.
        """
        with self._lock:
            acknowledged = min(answer.acknowledged_through, self._next_seq - 1)
            if acknowledged < self._acknowledged:
                first_stored = self._segments[0].first if self._segments else self._next_seq
                if acknowledged + 1 < first_stored:
                    self._mark_lost(max(1, acknowledged + 1), first_stored - 1)
                self._acknowledged = max(0, acknowledged)
                return True
            has_advanced = acknowledged > self._acknowledged
            self._acknowledged = acknowledged
            self._lost = [(max(a, acknowledged + 1), b) for a, b in self._lost if b > acknowledged]
            self._delete_acknowledged()
            return has_advanced

    def _delete_acknowledged(self) -> None:
        acknowledged_segments = [s for s in self._segments if s.last <= self._acknowledged]
        if (
            acknowledged_segments
            and acknowledged_segments[-1] is self._segments[-1]
            and acknowledged_segments[-1].size < SEGMENT_BYTES // 2
        ):
            acknowledged_segments.pop()  # keep the segment that is being written: fewer new files, less wear
        if not acknowledged_segments:
            return
        try:
            self._disk.replace(self._folder / "acknowledged", str(self._acknowledged).encode("ascii"))
        except OSError:
            return
        for segment in acknowledged_segments:
            if segment is self._segments[-1] and self._descriptor is not None:
                os.close(self._descriptor)
                self._descriptor = None
            segment.path.unlink(missing_ok=True)
        self._segments = [s for s in self._segments if s not in acknowledged_segments]

    def start_new_run(self) -> None:
        """Start a new run because this player became another screen; pending plays of the old one are moved aside."""
        with self._lock:
            self.close()
            archive_folder = self._folder.with_name(f"{self._folder.name}-{self.run_id}")
            self._folder.rename(archive_folder)
            self._open()

    def count_unacknowledged(self) -> int:
        """Return the number of plays that the server does not have yet."""
        with self._lock:
            return self._next_seq - 1 - self._acknowledged

    def close(self) -> None:
        """Sync and close the segments."""
        with self._lock:
            if self._unwritten:
                self._write_unwritten()
            self.sync()
            if self._descriptor is not None:
                os.close(self._descriptor)
                self._descriptor = None
