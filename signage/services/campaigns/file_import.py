"""A campaign file made to a campaign whose clips are in the library: read, its files taken in, all faults at once."""

from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Literal

from signage.faults import Fault, Refused
from signage.model.campaign import Campaign
from signage.model.campaign_file.partial_campaign import FileCheckContext
from signage.model.campaign_file.read import CheckedCampaignFile, check_campaign_file
from signage.model.toml.findings import Finding
from signage.services.clip_port import ClipKind, ClipLibrary

FileState = Literal["there", "missing", "leaves", "no-file"]


def get_file_state(root: Path, name: str) -> FileState:
    """Whether *name*, as a campaign file writes it, names a file inside *root*; links that leave it do not count."""
    pure = PurePosixPath(name)
    if pure.is_absolute() or ".." in pure.parts or "\\" in name or "\x00" in name or (len(name) > 1 and name[1] == ":"):
        return "leaves"
    try:
        real = (root / pure).resolve()
        if not real.is_relative_to(root.resolve()):
            return "leaves"
        if not real.exists():
            return "missing"
        return "there" if real.is_file() else "no-file"
    except (OSError, RuntimeError):
        return "missing"


@dataclass(frozen=True, slots=True)
class FileFingerprint:
    """What a file's entry says of it: while this is the same, its bytes are taken to be the same."""

    mtime_ns: int
    size: int
    inode: int


def get_fingerprint(path: Path) -> FileFingerprint | None:
    """The signature of a regular file; None where there is none that can be looked at."""
    try:
        found = path.stat()
    except OSError:
        return None
    return FileFingerprint(found.st_mtime_ns, found.st_size, found.st_ino) if path.is_file() else None


@dataclass(frozen=True, slots=True)
class CampaignImport:
    """A file read: the campaign with every clip by its sha256, the text, the warnings, and the clip files it names."""

    campaign: Campaign
    text: str
    warnings: tuple[Fault, ...]
    clip_files: tuple[str, ...]


class CampaignFileReader:
    """Reads campaign files of one installation; remembers which bytes of a clip's file are in the library already."""

    def __init__(self, root: Path, clips: ClipLibrary | None) -> None:
        self._root = root
        self._clips = clips
        self._ingested_files: dict[str, tuple[FileFingerprint | None, str | Refused]] = {}

    def read(self, name: str, data: bytes) -> CampaignImport:
        """Read the file called *name*. Raises Refused with all faults, those of its clips too."""
        examined = check_campaign_file(
            name, data, FileCheckContext(file_state=self._get_file_state, clip_kind=self._get_clip_kind)
        )
        if examined.campaign is None:
            raise Refused(examined.faults)
        files = tuple(item.file for item in examined.campaign.items if item.file is not None)
        campaign = self._resolve_clips(examined, examined.campaign)
        if files:  # now that the library knows what they are, whether their durations fit
            examined = check_campaign_file(
                name, data, FileCheckContext(file_state=self._get_file_state, clip_kind=self._get_clip_kind)
            )
            if examined.campaign is None:
                raise Refused(examined.faults)
        return CampaignImport(campaign, examined.text, examined.faults, files)

    def has_changed(self, files: tuple[str, ...]) -> bool:
        """Whether one of these clip files is no longer what was taken in."""
        return any(
            name in self._ingested_files and get_fingerprint(self._root / name) != self._ingested_files[name][0]
            for name in files
        )

    def _get_file_state(self, name: str) -> FileState:
        return get_file_state(self._root, name)

    def _get_clip_kind(self, key: str) -> ClipKind | None:
        if self._clips is None:
            return None
        sha256 = self._ingested_files[key][1] if key in self._ingested_files else key
        return self._clips.get_kind(sha256) if isinstance(sha256, str) else None

    def _resolve_clips(self, examined: CheckedCampaignFile, campaign: Campaign) -> Campaign:
        items, found = [], []
        for number, item in enumerate(campaign.items):
            sha256 = self._ingest(item.file) if item.file is not None else None
            if isinstance(sha256, Refused):
                found += [Finding(f.level, f.code, ("item", number, "file"), f.facts) for f in sha256.faults]
            elif sha256 is not None:
                item = replace(item, file=None, sha256=sha256)
            items.append(item)
        if found:
            raise Refused((*examined.faults, *examined.locate(found)))
        return replace(campaign, items=tuple(items))

    def _ingest(self, name: str) -> str | Refused | None:
        if self._clips is None:
            return None
        path = self._root / name
        before = get_fingerprint(path)
        known = self._ingested_files.get(name)
        if known is not None and known[0] == before:
            return known[1]
        result: str | Refused
        try:
            result = self._clips.ingest(path, PurePosixPath(name).name)
        except Refused as refused:
            result = refused
        self._ingested_files[name] = (before, result)
        return result
