"""Reads a campaign file and adds the clip files that it names to the library; all faults are reported at once."""

from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from signage.faults import Fault, Refused
from signage.model.campaign import Campaign
from signage.model.campaign_file.partial_campaign import FileCheckContext, FileState
from signage.model.campaign_file.read import CheckedCampaignFile, check_campaign_file
from signage.model.clip_facts import ClipKind
from signage.model.toml.findings import Finding
from signage.services.clip_port import ClipLibrary


def get_file_state(root: Path, name: str) -> FileState:
    """Return whether *name*, from a campaign file, is a file inside *root*; links that lead outside are refused."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or "\x00" in name or (len(name) > 1 and name[1] == ":"):
        return "leaves"
    try:
        target = (root / path).resolve()
        if not target.is_relative_to(root.resolve()):
            return "leaves"
        if not target.exists():
            return "missing"
        return "there" if target.is_file() else "no-file"
    except (OSError, RuntimeError):
        return "missing"


@dataclass(frozen=True, slots=True)
class FileFingerprint:
    """Metadata of a file: while it is equal, the bytes are taken to be equal."""

    mtime_ns: int
    size: int
    inode: int


def get_fingerprint(path: Path) -> FileFingerprint | None:
    """Return the fingerprint of a regular file; None where it cannot be read or is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return FileFingerprint(status.st_mtime_ns, status.st_size, status.st_ino) if path.is_file() else None


@dataclass(frozen=True, slots=True)
class CampaignImport:
    """A campaign file that was read. *campaign*: its clips by sha256; *clip_files*: the files that it names."""

    campaign: Campaign
    text: str
    warnings: tuple[Fault, ...]
    clip_files: tuple[str, ...]


class CampaignFileReader:
    """Reads the campaign files of one installation; remembers which clip files are in the library already."""

    def __init__(self, root: Path, clips: ClipLibrary | None) -> None:
        self._root = root
        self._clips = clips
        self._ingested_files: dict[str, tuple[FileFingerprint | None, str | Refused]] = {}

    def read(self, name: str, data: bytes) -> CampaignImport:
        """Read the file *name* with the content *data*. Raises Refused with all faults, those of its clips too."""
        context = FileCheckContext(file_state=self._get_file_state, clip_kind=self._get_clip_kind)
        checked = check_campaign_file(name, data, context)
        if checked.campaign is None:
            raise Refused(checked.faults)
        clip_files = tuple(item.file for item in checked.campaign.items if item.file is not None)
        campaign = self._resolve_clips(checked, checked.campaign)
        if clip_files and (faults := checked.check_clip_kinds(context)):
            raise Refused((*checked.faults, *faults))
        return CampaignImport(campaign, checked.text, checked.faults, clip_files)

    def has_changed(self, clip_files: tuple[str, ...]) -> bool:
        """Return whether one of the clip files differs from the one in the library."""
        return any(
            name in self._ingested_files and get_fingerprint(self._root / name) != self._ingested_files[name][0]
            for name in clip_files
        )

    def _get_file_state(self, name: str) -> FileState:
        return get_file_state(self._root, name)

    def _get_clip_kind(self, key: str) -> ClipKind | None:
        """Return the kind of a clip by its sha256, or by the name of a file that was added to the library."""
        if self._clips is None:
            return None
        sha256 = self._ingested_files[key][1] if key in self._ingested_files else key
        return self._clips.get_kind(sha256) if isinstance(sha256, str) else None

    def _resolve_clips(self, checked: CheckedCampaignFile, campaign: Campaign) -> Campaign:
        items, findings = [], []
        for number, item in enumerate(campaign.items):
            sha256 = self._ingest(item.file) if item.file is not None else None
            if isinstance(sha256, Refused):
                findings += [Finding(f.level, f.code, ("item", number, "file"), f.facts) for f in sha256.faults]
            elif sha256 is not None:
                item = replace(item, file=None, sha256=sha256)
            items.append(item)
        if findings:
            raise Refused((*checked.faults, *checked.locate(findings)))
        return replace(campaign, items=tuple(items))

    def _ingest(self, name: str) -> str | Refused | None:
        """Add the file *name* to the library, unless it is unchanged since the last time; returns its sha256."""
        if self._clips is None:
            return None
        path = self._root / name
        fingerprint = get_fingerprint(path)
        known = self._ingested_files.get(name)
        if known is not None and known[0] == fingerprint:
            return known[1]
        result: str | Refused
        try:
            result = self._clips.ingest(path, PurePosixPath(name).name)
        except Refused as refused:
            result = refused
        self._ingested_files[name] = (fingerprint, result)
        return result
