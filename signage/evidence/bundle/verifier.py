"""Whether an audit bundle holds. One file, standard library alone, Python 3.8 and later: it lies in every bundle.

    python3 verify.py [DIR] [--key KEYID] [--since OLDER_DIR]

What is checked, and where it is written that it must be so:

1. Every file that manifest.json names is there with its sha256, and no other file is (manifest.json, "files").
2. checkpoint.txt is a C2SP checkpoint in a signed note; each key of keys.json has signed it (Ed25519, RFC 8032).
3. The lines of audit.jsonl are leaves of the tree whose root it signs (RFC 6962); proofs.json holds the whole
   subtrees of the entries that the bundle leaves out, as few as can be, and nothing else.
4. The log's last entry names the sha256 of the manifest (all but the three files of the log itself), so that the
   checkpoint signs every other file too. What proofs.json holds beside is named by the manifest as well.
5. The log grew from each checkpoint that left the house before (RFC 9162, 2.1.4.2).
6. What an entry says of a person by a hash alone is opened by proofs.json, unless it was erased.

A bundle signed anew with other keys agrees with itself: --key, or --since with an older bundle, tells it.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import hashlib
import json
import os
import sys
from typing import Any, BinaryIO, Dict, Iterator, List, Optional, Sequence, Tuple  # noqa: UP035

FORMAT = "signage.bundle/1"
LOG_FILES = ("audit.jsonl", "checkpoint.txt", "proofs.json")
CHECKED_FIRST = ("keys.json", "checkpoint.txt", "proofs.json")
MAX_LINE_BYTES = 1 << 24

MESSAGES = {
    "missing": ("is missing", "缺失"),
    "added": ("is not listed in the manifest", "不在清单中"),
    "link": ("is a link, not a file", "是链接，不是文件"),
    "altered": ("was altered", "被改动"),
    "unreadable": ("cannot be read: {0}", "无法读取：{0}"),
    "not-canonical": ("is not in canonical form", "书写形式与规定不符"),
    "format": ("does not have the format {0}", "不是 {0} 格式"),
    "cut-off": ("is missing: the file ends before it", "缺失：文件在此之前结束"),
    "surplus": ("is surplus", "是多余的一条"),
    "place": ("claims to be entry {0}, but entry {1} is expected here", "自称第 {0} 条，而此处应为第 {1} 条"),
    "no-line-end": ("does not end with a line feed", "没有以换行结束"),
    "root": ("the entries from here on do not match the signed root", "自此以后的条目算不出已签名的根"),
    "note": ("is not a signed checkpoint", "不是签名的检查点"),
    "size": ("covers {0} entries, proofs.json covers {1}", "覆盖 {0} 条，而 proofs.json 覆盖 {1} 条"),
    "unsigned": ("the signature of {0} is missing", "缺少 {0} 的签名"),
    "stranger": ("is signed by a key that is not in keys.json", "由 keys.json 中没有的密钥签名"),
    "signature": ("the signature of {0} is not valid", "{0} 的签名无效"),
    "key-id": ("{0} does not match its key", "{0} 与其密钥不符"),
    "not-that-key": ("is not signed by {0}", "不是由 {0} 签名"),
    "seal": ("differs from the manifest in the last entry of the log", "与日志最后一条所记的清单不符"),
    "no-seal": ("the last entry of the log does not belong to this bundle", "日志最后一条不是本证据包的记录"),
    "proof": ("does not prove what it should: {0}", "不能证明应证明的内容：{0}"),
    "shorter": ("the log has {0} entries; it had {1} earlier", "日志有 {0} 条；以前已有 {1} 条"),
    "rewritten": ("the log differs from the log of the older bundle", "日志与旧证据包的不是同一份"),
    "no-proof-since": (
        "there is no proof from the earlier {0} entries on: export the whole log",
        "没有从以前的 {0} 条起的证明：请导出完整日志",
    ),
    "other-key": ("is not signed by any key of the older bundle", "没有旧证据包中任何密钥的签名"),
}

JsonObject = Dict[str, Any]  # noqa: UP006


class VerificationError(Exception):
    """The first place that does not hold."""

    def __init__(self, file: str, record: int, code: str, *facts: object) -> None:
        self.file, self.record, self.code, self.facts = file, record, code, facts
        super().__init__(self.render_message("en"))

    def render_message(self, language: str = "en") -> str:
        """``FILE: record N: what``."""
        return "%s: record %d: %s" % (  # noqa: UP031
            self.file,
            self.record,
            MESSAGES[self.code][1 if language == "zh" else 0].format(*self.facts),
        )


class VerifiedBundle:
    """What a bundle that holds says of itself."""

    def __init__(self, manifest: JsonObject, origin: str, size: int, root: bytes, keys: Dict[str, bytes]) -> None:  # noqa: UP006
        self.manifest, self.origin, self.log_size, self.root, self.keys = manifest, origin, size, root, keys
        self.entry_count = 0


def verify_bundle(folder: str, key: Optional[str] = None, since: Optional[str] = None) -> VerifiedBundle:  # noqa: UP045
    """Check the bundle in *folder*. Raises Broken at the first place that does not hold."""
    older = None
    if since is not None:
        try:
            older = verify_bundle(since)
        except VerificationError as broken:
            broken.file = os.path.join(since, broken.file)  # noqa: PTH118
            raise
    bundle = _BundleFolder(folder)
    bundle.check_file_names()
    for name in CHECKED_FIRST:
        bundle.check_file(name)
    held = _verify_checkpoint(bundle)
    proofs = _ProofFile(bundle, held)
    tree = _check_log(bundle, proofs, held, older.log_size if older else 0)
    held.entry_count = tree.line_count
    _check_rows(bundle, proofs)
    for name in sorted(bundle.files):
        if name not in CHECKED_FIRST:
            bundle.check_file(name)
    _check_manifest_hash(bundle, tree)
    proofs.check_consistency()
    if key is not None and key not in held.keys:
        raise VerificationError("checkpoint.txt", 1, "not-that-key", key)
    if older is not None:
        _check_since(held, older, tree, proofs)
    return held


class _BundleFolder:
    """The files of a folder, and what its manifest says of them."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.manifest = self.read_json("manifest.json")
        if self.manifest.get("format") != FORMAT:
            raise VerificationError("manifest.json", 1, "format", FORMAT)
        files = self.manifest.get("files")
        rows, earlier = self.manifest.get("rows"), self.manifest.get("earlier")
        if not isinstance(files, dict) or not isinstance(rows, dict) or not isinstance(earlier, list):
            raise VerificationError("manifest.json", 1, "format", FORMAT)
        self.files: Dict[str, str] = files  # noqa: UP006

    def get_path(self, name: str) -> str:
        """Where the file called *name* is."""
        return os.path.join(self.folder, *name.split("/"))  # noqa: PTH118

    def open_file(self, name: str) -> BinaryIO:
        """The file called *name*. Raises Broken where there is none."""
        try:
            return open(self.get_path(name), "rb")  # noqa: PTH123
        except OSError:
            raise VerificationError(name, 1, "missing") from None

    def read_file(self, name: str) -> bytes:
        """All of a file."""
        with self.open_file(name) as file:
            return file.read()

    def read_json(self, name: str) -> JsonObject:
        """A file that holds an object, written in the one way."""
        content = self.read_file(name)
        try:
            value = json.loads(content.decode("utf-8"))
        except (ValueError, RecursionError) as error:
            raise VerificationError(name, 1, "unreadable", error) from None
        if not isinstance(value, dict):
            raise VerificationError(name, 1, "format", FORMAT)
        if encode_canonical_json(value) != content:
            raise VerificationError(name, 1, "not-canonical")
        return value

    def check_file_names(self) -> None:
        """No file is missing, and none was added."""
        there = set()
        for where, folders, names in os.walk(self.folder):
            for one in sorted(folders + names):
                path = os.path.join(where, one)  # noqa: PTH118
                name = os.path.relpath(path, self.folder).replace(os.sep, "/")
                if os.path.islink(path):  # noqa: PTH114
                    raise VerificationError(name, 1, "link")
                if one in names:
                    there.add(name)
        there.discard("manifest.json")
        needed = set(self.files) | {"audit.jsonl", "checkpoint.txt", "proofs.json", "keys.json", "verify.py"}
        for name in sorted(needed - there):
            raise VerificationError(name, 1, "missing")
        for name in sorted(there - set(self.files)):
            raise VerificationError(name, 1, "added")

    def check_file(self, name: str) -> None:
        """The file has the sha256 that the manifest names."""
        digest = hashlib.sha256()
        with self.open_file(name) as file:
            for piece in iter(lambda: file.read(1 << 20), b""):
                digest.update(piece)
        if digest.hexdigest() != self.files[name]:
            raise VerificationError(name, 1, "altered")


def encode_canonical_json(value: object) -> bytes:
    """How manifest.json, proofs.json and keys.json are written."""
    return (json.dumps(value, sort_keys=True, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "surrogatepass")


def hash_manifest(manifest: JsonObject) -> str:
    """What the log's last entry says of the manifest: all of it but the three files of the log itself."""
    sealed = dict(manifest)
    sealed["files"] = {name: digest for name, digest in manifest["files"].items() if name not in LOG_FILES}
    return hashlib.sha256(encode_canonical_json(sealed)).hexdigest()


# The checkpoint and its signatures


def _verify_checkpoint(bundle: _BundleFolder) -> VerifiedBundle:
    keys = _read_keys(bundle)
    content = bundle.read_file("checkpoint.txt")
    try:
        text, _, lines = content.decode("utf-8").partition("\n\n")
        origin, size, root = text.split("\n")
        signed = [_parse_signature_line(line, origin) for line in lines.split("\n")[:-1]]
        raw = base64.b64decode(root, validate=True)
        if str(int(size)) != size or len(raw) != 32 or base64.b64encode(raw).decode() != root or lines[-1:] != "\n":
            raise ValueError(text)
    except (ValueError, binascii.Error):
        raise VerificationError("checkpoint.txt", 1, "note") from None
    message = (text + "\n").encode("utf-8")
    waiting = {_compute_key_hash(origin, public): (name, public) for name, public in keys.items()}
    for known, signature in signed:
        if known not in waiting:
            raise VerificationError("checkpoint.txt", 1, "stranger")
        name, public = waiting.pop(known)
        if not is_valid_signature(public, message, signature):
            raise VerificationError("checkpoint.txt", 1, "signature", name)
    for name, _public in waiting.values():
        raise VerificationError("checkpoint.txt", 1, "unsigned", name)
    return VerifiedBundle(bundle.manifest, origin, int(size), raw, keys)


def _parse_signature_line(line: str, origin: str) -> Tuple[bytes, bytes]:  # noqa: UP006
    dash, name, blob = line.split(" ")
    raw = base64.b64decode(blob, validate=True)
    if dash != "\u2014" or name != origin or len(raw) != 68 or base64.b64encode(raw).decode() != blob:
        raise ValueError(line)
    return raw[:4], raw[4:]


def _compute_key_hash(origin: str, public: bytes) -> bytes:
    return hashlib.sha256(origin.encode("utf-8") + b"\n\x01" + public).digest()[:4]


def _read_keys(bundle: _BundleFolder) -> Dict[str, bytes]:  # noqa: UP006
    found = {}
    try:
        for place, one in enumerate(bundle.read_json("keys.json")["keys"], 1):
            public = base64.b64decode(one["ed25519"], validate=True)
            if len(public) != 32 or one["id"] != "k" + hashlib.sha256(public).hexdigest()[:16]:
                raise VerificationError("keys.json", place, "key-id", one["id"])
            found[one["id"]] = public
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise VerificationError("keys.json", 1, "unreadable", error) from None
    return found


# The log


class _ProofFile:
    """What proofs.json holds: pruned subtrees, short hashes that tell where a file was altered, and the rest."""

    def __init__(self, bundle: _BundleFolder, held: VerifiedBundle) -> None:
        self.verified = held
        value = bundle.read_json("proofs.json")
        try:
            self.size = value["size"]
            self.nodes = [(begin, end, _parse_hash(digest)) for begin, end, digest in value["nodes"]]
            self.leaves = _decode_base64(value["leaves"])
            self.rows = {name: _decode_base64(blob) for name, blob in value["rows"].items()}
            self.consistency = [
                (size, root, [_parse_hash(h) for h in steps]) for size, root, steps in value["consistency"]
            ]
            self.openings = value["openings"]
            if set(value) != {"format", "size", "nodes", "leaves", "rows", "consistency", "openings"}:
                raise ValueError("unknown fields")
            if type(self.size) is not int or not all(type(n) is int for node in self.nodes for n in node[:2]):
                raise ValueError("sizes are whole numbers")
        except (KeyError, TypeError, ValueError, AttributeError, binascii.Error) as error:
            raise VerificationError("proofs.json", 1, "unreadable", error) from None
        if self.size != held.log_size:
            raise VerificationError("checkpoint.txt", 1, "size", held.log_size, self.size)
        self._check_against_manifest(bundle.manifest)

    def _check_against_manifest(self, manifest: JsonObject) -> None:
        named = {name: hashlib.sha256(blob).hexdigest() for name, blob in self.rows.items()}
        if named != manifest["rows"]:
            raise VerificationError("proofs.json", 1, "proof", "rows")
        if [[size, root] for size, root, _ in self.consistency] != manifest["earlier"]:
            raise VerificationError("proofs.json", 1, "proof", "consistency")
        if hashlib.sha256(encode_canonical_json(self.openings)).hexdigest() != manifest.get("openings"):
            raise VerificationError("proofs.json", 1, "proof", "openings")

    def check_consistency(self) -> None:
        """The log grew from each earlier checkpoint."""
        for size, root, steps in self.consistency:
            try:
                held = is_consistent(size, self.verified.log_size, bytes.fromhex(root), self.verified.root, steps)
            except (TypeError, ValueError):
                held = False
            if not held:
                raise VerificationError("proofs.json", 1, "proof", "consistency %s" % size)  # noqa: UP031


def _parse_hash(text: str) -> bytes:
    """32 bytes from the one way in which they are written."""
    raw = bytes.fromhex(text)
    if len(raw) != 32 or raw.hex() != text:
        raise ValueError(text)
    return raw


def _decode_base64(text: str) -> bytes:
    raw = base64.b64decode(text, validate=True)
    if base64.b64encode(raw).decode("ascii") != text:
        raise ValueError(text)
    return raw


class _TreeBuilder:
    """The tree from leaves that are shown and subtrees that are not, in order."""

    def __init__(self) -> None:
        self.position = 0
        self.line_count = 0
        self.stack: List[Tuple[int, bytes, bool]] = []  # noqa: UP006
        self.last_line: bytes = b""
        self.root_before: Optional[bytes] = None  # noqa: UP045

    def append_subtree(self, width: int, digest: bytes, shown: bool) -> None:
        """Add a whole subtree of *width* leaves."""
        if self.position % width:
            raise VerificationError("proofs.json", 1, "proof", "nodes")
        self.position += width
        stack = self.stack
        while stack and stack[-1][0] == width and (self.position - 2 * width) % (2 * width) == 0:
            _, left, left_shown = stack.pop()
            if not shown and not left_shown:
                raise VerificationError("proofs.json", 1, "proof", "nodes")
            digest = hashlib.sha256(b"\x01" + left + digest).digest()
            width, shown = width * 2, True
        stack.append((width, digest, shown))

    def compute_root(self) -> bytes:
        """The root over all so far."""
        if not self.stack:
            return hashlib.sha256().digest()
        digest = self.stack[-1][1]
        for _, left, _shown in reversed(self.stack[:-1]):
            digest = hashlib.sha256(b"\x01" + left + digest).digest()
        return digest


def _check_log(bundle: _BundleFolder, proofs: _ProofFile, held: VerifiedBundle, before: int) -> _TreeBuilder:
    tree = _TreeBuilder()
    earlier = {size: root for size, root, _ in proofs.consistency}
    nodes = iter([*proofs.nodes, (held.log_size, held.log_size, b"")])
    begin, end, digest = next(nodes)
    whole = hashlib.sha256()
    opened = _Openings(proofs.openings)
    good = 0
    with bundle.open_file("audit.jsonl") as file:
        while True:
            if tree.position == before:
                tree.root_before = tree.compute_root()
            if tree.position in earlier and tree.compute_root().hex() == earlier[tree.position]:
                good = tree.line_count
            if tree.position == begin:
                if begin == held.log_size:
                    break
                width = end - begin
                if width <= 0 or width & (width - 1) or end > held.log_size:
                    raise VerificationError("proofs.json", 1, "proof", "nodes")
                tree.append_subtree(width, digest, False)
                begin, end, digest = next(nodes)
                continue
            if tree.position > begin:
                raise VerificationError("proofs.json", 1, "proof", "nodes")
            line = file.readline(MAX_LINE_BYTES)
            whole.update(line)
            _check_line(line, tree, proofs, opened)
        if file.read(1):
            raise VerificationError("audit.jsonl", tree.line_count + 1, "surplus")
    if len(proofs.leaves) != 4 * tree.line_count:
        raise VerificationError("proofs.json", 1, "proof", "leaves")
    if tree.compute_root() != held.root:
        raise VerificationError("audit.jsonl", good + 1, "root")
    opened.check_none_pending()
    if whole.hexdigest() != bundle.files["audit.jsonl"]:
        raise VerificationError("audit.jsonl", 1, "altered")
    return tree


def _check_line(line: bytes, tree: _TreeBuilder, proofs: _ProofFile, opened: _Openings) -> None:
    number = tree.line_count + 1
    if not line:
        raise VerificationError("audit.jsonl", number, "cut-off")
    if line[-1:] != b"\n":
        raise VerificationError("audit.jsonl", number, "no-line-end")
    leaf = hashlib.sha256(b"\x00" + line[:-1]).digest()
    try:
        entry = json.loads(line)
        said = entry["record"]
        if said in opened.pending:
            opened.check_entry(entry)
    except (ValueError, KeyError, TypeError, RecursionError, AttributeError):
        raise VerificationError("audit.jsonl", number, "altered") from None
    if said != tree.position + 1:
        raise VerificationError("audit.jsonl", number, "place", said, tree.position + 1)
    if proofs.leaves[4 * tree.line_count : 4 * number] != leaf[:4]:
        raise VerificationError("audit.jsonl", number, "altered")
    tree.line_count = number
    tree.last_line = line
    tree.append_subtree(1, leaf, True)


class _Openings:
    """What lines say by a hash alone, waiting for their lines."""

    def __init__(self, openings: Sequence[Any]) -> None:
        self.pending: Dict[int, List[Tuple[str, bytes, str]]] = {}  # noqa: UP006
        try:
            for record, key, salt, value in openings:
                self.pending.setdefault(record, []).append((key, bytes.fromhex(salt), value))
        except (TypeError, ValueError):
            raise VerificationError("proofs.json", 1, "proof", "openings") from None

    def check_entry(self, entry: JsonObject) -> None:
        """The entry's hashes are those of what is said to stand behind them."""
        for key, salt, value in self.pending.pop(entry["record"]):
            expected = "sha256:" + hashlib.sha256(salt + value.encode("utf-8")).hexdigest()
            if entry["details"].get(key) != expected:
                raise VerificationError("proofs.json", 1, "proof", "openings %s" % entry["record"])  # noqa: UP031

    def check_none_pending(self) -> None:
        """None is left over."""
        for record in sorted(self.pending, key=str):
            raise VerificationError("proofs.json", 1, "proof", "openings %s" % record)  # noqa: UP031


def _check_manifest_hash(bundle: _BundleFolder, tree: _TreeBuilder) -> None:
    try:
        details = json.loads(tree.last_line)["details"]
        named = details["manifest"]
    except (ValueError, KeyError, TypeError):
        raise VerificationError("audit.jsonl", max(tree.line_count, 1), "no-seal") from None
    if tree.stack and not tree.stack[-1][2]:
        raise VerificationError("audit.jsonl", max(tree.line_count, 1), "no-seal")
    if json.loads(tree.last_line)["record"] != tree.position:
        raise VerificationError("audit.jsonl", tree.line_count, "no-seal")
    if named != hash_manifest(bundle.manifest):
        raise VerificationError("manifest.json", 1, "seal")


def _check_rows(bundle: _BundleFolder, proofs: _ProofFile) -> None:
    for name in sorted(proofs.rows):
        blob, record = proofs.rows[name], 0
        if name not in bundle.files:
            raise VerificationError("proofs.json", 1, "proof", "rows")
        with bundle.open_file(name) as file:
            for line in _read_lines(file):
                short = hashlib.sha256(line).digest()[:4]
                if blob[4 * record : 4 * record + 4] != short:
                    code = "surplus" if 4 * record >= len(blob) else "altered"
                    raise VerificationError(name, record, code)
                record += 1
        if 4 * record != len(blob):
            raise VerificationError(name, record, "cut-off")


def _read_lines(file: BinaryIO) -> Iterator[bytes]:
    return iter(lambda: file.readline(MAX_LINE_BYTES), b"")


def _check_since(held: VerifiedBundle, older: VerifiedBundle, tree: _TreeBuilder, proofs: _ProofFile) -> None:
    if held.log_size < older.log_size:
        raise VerificationError("checkpoint.txt", 1, "shorter", held.log_size, older.log_size)
    root = tree.root_before
    if root is None:
        named = [bytes.fromhex(root) for size, root, _ in proofs.consistency if size == older.log_size]
        if not named:
            raise VerificationError("checkpoint.txt", 1, "no-proof-since", older.log_size)
        root = named[0]
    if root != older.root or held.origin != older.origin:
        raise VerificationError("checkpoint.txt", 1, "rewritten")
    if not set(held.keys.values()) & set(older.keys.values()):
        raise VerificationError("checkpoint.txt", 1, "other-key")


def is_consistent(old: int, size: int, old_root: bytes, root: bytes, steps: Sequence[bytes]) -> bool:
    """Whether *steps* prove the tree of *old* leaves the beginning of that of *size* (RFC 9162, 2.1.4.2)."""
    if not 0 < old <= size or any(len(step) != 32 for step in steps):
        return False
    if old == size:
        return not steps and old_root == root
    path = list(steps)
    if old & (old - 1) == 0:
        path.insert(0, old_root)
    if not path:
        return False
    fn, sn = old - 1, size - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for step in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr = hashlib.sha256(b"\x01" + step + fr).digest()
            sr = hashlib.sha256(b"\x01" + step + sr).digest()
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = hashlib.sha256(b"\x01" + sr + step).digest()
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and fr == old_root and sr == root


# Ed25519 (RFC 8032, 5.1): points in extended coordinates

_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
_Point = Tuple[int, int, int, int]  # noqa: UP006


def _add_points(a: _Point, b: _Point) -> _Point:
    e = (a[1] - a[0]) * (b[1] - b[0]) % _P
    f = (a[1] + a[0]) * (b[1] + b[0]) % _P
    g = 2 * a[3] * b[3] * _D % _P
    h = 2 * a[2] * b[2] % _P
    return (f - e) * (h - g) % _P, (h + g) * (f + e) % _P, (h - g) * (h + g) % _P, (f - e) * (f + e) % _P


def _multiply_point(scalar: int, point: _Point) -> _Point:
    found: _Point = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            found = _add_points(found, point)
        point, scalar = _add_points(point, point), scalar >> 1
    return found


def _decompress_point(raw: bytes) -> Optional[_Point]:  # noqa: UP045
    number = int.from_bytes(raw, "little")
    y, sign = number & ((1 << 255) - 1), number >> 255
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * pow(2, (_P - 1) // 4, _P) % _P
    if (x * x - square) % _P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = _P - x
    return x, y, 1, x * y % _P


def is_valid_signature(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether *signature* is *public*'s over *message*."""
    if len(public) != 32 or len(signature) != 64:
        return False
    a, r = _decompress_point(public), _decompress_point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    base = _decompress_point(bytes.fromhex("58" + "66" * 31))
    if a is None or r is None or base is None or s >= _L:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % _L
    left, right = _multiply_point(s, base), _add_points(r, _multiply_point(h, a))
    return (left[0] * right[2] - right[0] * left[2]) % _P == 0 and (left[1] * right[2] - right[1] * left[2]) % _P == 0


def main(arguments: Optional[Sequence[str]] = None) -> int:  # noqa: UP045
    """The command."""
    parser = argparse.ArgumentParser(description="Verify an audit bundle. 核验审计证据包。")
    parser.add_argument("folder", nargs="?", metavar="DIR", default=os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120
    parser.add_argument("--key", metavar="KEYID", help="the key that must have signed it, as printed on reports")
    parser.add_argument("--since", metavar="OLDER_DIR", help="an older bundle of the same log")
    options = parser.parse_args(arguments)
    language = "zh" if os.environ.get("LC_ALL", os.environ.get("LANG", "")).startswith("zh") else "en"
    try:
        held = verify_bundle(options.folder, options.key, options.since)
    except VerificationError as broken:
        sys.stderr.write(broken.render_message(language) + "\n")
        return 1
    sys.stdout.write(format_summary(held, language) + "\n")
    return 0


def format_summary(held: VerifiedBundle, language: str = "en") -> str:
    """What a bundle that holds says."""
    keys = ", ".join(sorted(held.keys))
    lines = []
    for one in held.manifest.get("left_out") or ():
        said = "已封存的 %s 未列入：%s" if language == "zh" else "Sealed, but not included: %s: %s"
        why = MESSAGES["missing" if one.get("why") == "missing" else "altered"][1 if language == "zh" else 0]
        lines.append(said % (one.get("file"), why))
    if language == "zh":
        lines.insert(0, "核验通过：日志共 %d 条，本包含 %d 条；检查点密钥 %s" % (held.log_size, held.entry_count, keys))  # noqa: UP031
    else:
        counts = (held.entry_count, held.log_size, keys)
        lines.insert(0, "Valid: %d of the log's %d entries; checkpoint key %s" % counts)  # noqa: UP031
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
