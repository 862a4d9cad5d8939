"""A campaign file made to a campaign whose clips are in the library: read, its files taken in, all faults at once."""

from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Literal

from signage.faults import Fault, Refused
from signage.model.campaign import Campaign
from signage.model.campaign_file.partial_campaign import Context
from signage.model.campaign_file.read import Examined, examine
from signage.model.toml.findings import Found
from signage.services.clip_port import ClipKind, Clips

FileState = Literal["there", "missing", "leaves", "no-file"]


def file_state(root: Path, name: str) -> FileState:
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
class Signature:
    """What a file's entry says of it: while this is the same, its bytes are taken to be the same."""

    mtime_ns: int
    size: int
    inode: int


def signature(path: Path) -> Signature | None:
    """The signature of a regular file; None where there is none that can be looked at."""
    try:
        found = path.stat()
    except OSError:
        return None
    return Signature(found.st_mtime_ns, found.st_size, found.st_ino) if path.is_file() else None


@dataclass(frozen=True, slots=True)
class Read:
    """A file read: the campaign with every clip by its sha256, the text, the warnings, and the clip files it names."""

    campaign: Campaign
    text: str
    warnings: tuple[Fault, ...]
    files: tuple[str, ...]


class Reader:
    """Reads campaign files of one installation; remembers which bytes of a clip's file are in the library already."""

    def __init__(self, root: Path, clips: Clips | None) -> None:
        self._root = root
        self._clips = clips
        self._taken: dict[str, tuple[Signature | None, str | Refused]] = {}

    def read(self, name: str, data: bytes) -> Read:
        """Read the file called *name*. Raises Refused with all faults, those of its clips too."""
        examined = examine(name, data, Context(file_state=self._state, clip_kind=self._kind))
        if examined.campaign is None:
            raise Refused(examined.faults)
        files = tuple(item.file for item in examined.campaign.items if item.file is not None)
        campaign = self._with_clips(examined, examined.campaign)
        if files:  # now that the library knows what they are, whether their durations fit
            examined = examine(name, data, Context(file_state=self._state, clip_kind=self._kind))
            if examined.campaign is None:
                raise Refused(examined.faults)
        return Read(campaign, examined.text, examined.faults, files)

    def changed(self, files: tuple[str, ...]) -> bool:
        """Whether one of these clip files is no longer what was taken in."""
        return any(name in self._taken and signature(self._root / name) != self._taken[name][0] for name in files)

    def _state(self, name: str) -> FileState:
        return file_state(self._root, name)

    def _kind(self, key: str) -> ClipKind | None:
        if self._clips is None:
            return None
        sha256 = self._taken[key][1] if key in self._taken else key
        return self._clips.kind(sha256) if isinstance(sha256, str) else None

    def _with_clips(self, examined: Examined, campaign: Campaign) -> Campaign:
        items, found = [], []
        for number, item in enumerate(campaign.items):
            sha256 = self._take_in(item.file) if item.file is not None else None
            if isinstance(sha256, Refused):
                found += [Found(f.level, f.code, ("item", number, "file"), f.facts) for f in sha256.faults]
            elif sha256 is not None:
                item = replace(item, file=None, sha256=sha256)
            items.append(item)
        if found:
            raise Refused((*examined.faults, *examined.place(found)))
        return replace(campaign, items=tuple(items))

    def _take_in(self, name: str) -> str | Refused | None:
        if self._clips is None:
            return None
        path = self._root / name
        before = signature(path)
        known = self._taken.get(name)
        if known is not None and known[0] == before:
            return known[1]
        result: str | Refused
        try:
            result = self._clips.take_in(path, PurePosixPath(name).name)
        except Refused as refused:
            result = refused
        self._taken[name] = (before, result)
        return result
