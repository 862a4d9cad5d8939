"""Reads a campaign file and adds the clip files that it names to the library; all faults are reported at once."""

from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from signage.faults import Fault, Refused
from signage.model.campaign import Campaign
from signage.model.campaign_file.partial_campaign import FileCheckContext, FileState
from signage.model.campaign_file.read import CheckedCampaignFile, check_campaign_file
from signage.model.clip_facts import ClipKind
from signage.model.item import Item
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
class CampaignCheck:
    """All that was found in a campaign file. *campaign*: None where the file or a clip of it is refused."""

    checked: CheckedCampaignFile
    faults: tuple[Fault, ...]
    campaign: Campaign | None


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
        result = self.check(name, data)
        if result.campaign is None or result.checked.campaign is None:
            raise Refused(result.faults)
        clip_files = tuple(item.file for item in result.checked.campaign.items if item.file is not None)
        return CampaignImport(result.campaign, result.checked.text, result.faults, clip_files)

    def check(self, name: str, data: bytes) -> CampaignCheck:
        """Read the file *name* with the content *data*; return all its faults, those of its clips too."""
        context = FileCheckContext(file_state=self._get_file_state, clip_kind=self._get_clip_kind)
        checked = check_campaign_file(name, data, context)
        if checked.campaign is None:
            return CampaignCheck(checked, (*checked.faults, *self._check_draft_clips(checked)), None)
        campaign, findings = self._resolve_clips(checked.campaign)
        faults = checked.locate(findings)
        if any(item.file is not None for item in checked.campaign.items):
            faults += checked.check_clip_kinds(context)
        return CampaignCheck(checked, (*checked.faults, *faults), None if faults else campaign)

    def _check_draft_clips(self, checked: CheckedCampaignFile) -> tuple[Fault, ...]:
        """Return the faults of the clips of a file that is refused already: all are reported at once."""
        findings: list[Finding] = []
        for number, row in enumerate(checked.draft.items if checked.draft else ()):
            name = row.get("file")
            if name is not None and get_file_state(self._root, name) == "there":
                findings += self._find_clip_faults(number, self._ingest(name))
        return checked.locate(findings)

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

    def _resolve_clips(self, campaign: Campaign) -> tuple[Campaign, list[Finding]]:
        """Return *campaign* with its clips by sha256, and the faults of those that are refused."""
        items: list[Item] = []
        findings: list[Finding] = []
        for number, item in enumerate(campaign.items):
            sha256 = self._ingest(item.file) if item.file is not None else None
            findings += self._find_clip_faults(number, sha256)
            if isinstance(sha256, str):
                item = replace(item, file=None, sha256=sha256)
            items.append(item)
        return replace(campaign, items=tuple(items)), findings

    @staticmethod
    def _find_clip_faults(number: int, result: str | Refused | None) -> list[Finding]:
        faults = result.faults if isinstance(result, Refused) else ()
        return [Finding(fault.level, fault.code, ("item", number, "file"), fault.facts) for fault in faults]

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
