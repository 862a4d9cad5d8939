"""The Merkle tree of RFC 6962 and RFC 9162, 2.1: a root for every size, and what proves one part from another.

A leaf's hash is sha256 of a zero byte and the leaf; a node's, of a one byte and its two children. A list of n leaves
splits at the largest power of two below n, so that every range of leaves is made of *whole* subtrees: a power of two
of leaves that begins at a multiple of it. Whole subtrees never change once there.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise

LeafRange = tuple[int, int]
EMPTY_ROOT = hashlib.sha256().digest()


def hash_node(left: bytes, right: bytes) -> bytes:
    """The hash of a node over its children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """The whole subtrees that the first *size* leaves are made of, the largest first: all that appending needs."""

    __slots__ = ("hashes", "size")

    def __init__(self, size: int = 0, hashes: Sequence[bytes] = ()) -> None:
        if size.bit_count() != len(hashes):
            raise ValueError(f"{size} leaves are {size.bit_count()} subtrees, not {len(hashes)}")
        self.size = size
        self.hashes = list(hashes)

    def append(self, leaf: bytes) -> None:
        """Append the hash of a leaf."""
        hashes, place = self.hashes, self.size
        while place & 1:
            leaf = hash_node(hashes.pop(), leaf)
            place >>= 1
        hashes.append(leaf)
        self.size += 1

    def compute_root(self) -> bytes:
        """The root over all leaves so far."""
        return hash_subtrees(self.hashes)


def hash_subtrees(hashes: Sequence[bytes]) -> bytes:
    """The root over whole subtrees side by side, the largest first."""
    if not hashes:
        return EMPTY_ROOT
    found = hashes[-1]
    for left in reversed(hashes[:-1]):
        found = hash_node(left, found)
    return found


def split_into_subtrees(begin: int, end: int) -> list[LeafRange]:
    """The whole subtrees of the node over leaves *begin* to *end* (not included), the largest first."""
    found = []
    while begin < end:
        step = 1 << ((end - begin).bit_length() - 1)
        found.append((begin, begin + step))
        begin += step
    return found


def list_inclusion_nodes(index: int, size: int) -> list[LeafRange]:
    """The nodes that prove the leaf *index* in a tree of *size* leaves (RFC 9162, 2.1.3.1), from the leaf up."""
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} among {size}")
    found: list[LeafRange] = []
    begin, end = 0, size
    while end - begin > 1:
        middle = begin + _get_split_size(end - begin)
        if index < middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((begin, middle))
            begin = middle
    return found[::-1]


def list_consistency_nodes(old: int, size: int) -> list[LeafRange]:
    """The nodes that prove the tree of *old* leaves the beginning of that of *size* (RFC 9162, 2.1.4.1)."""
    if not 0 < old <= size:
        raise ValueError(f"a tree of {old} is no beginning of one of {size}")
    found: list[LeafRange] = []
    begin, end, whole = 0, size, True
    while old != end:
        middle = begin + _get_split_size(end - begin)
        if old <= middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((begin, middle))
            begin, whole = middle, False
    if not whole:
        found.append((begin, end))
    return found[::-1]


def _get_split_size(size: int) -> int:
    return 1 << ((size - 1).bit_length() - 1)


def compute_node_hashes(leaves: Iterable[bytes], wanted: Iterable[LeafRange]) -> dict[LeafRange, bytes]:
    """The hashes of the nodes over *wanted* ranges, in one pass over the hashes of all leaves."""
    ranges = set(wanted)
    needed = {part for one in ranges for part in split_into_subtrees(*one)}
    kept: dict[LeafRange, bytes] = {}

    def seen(begin: int, end: int, digest: bytes) -> None:
        if (begin, end) in needed:
            kept[begin, end] = digest

    _visit_subtrees(leaves, seen)
    return {one: hash_subtrees([kept[part] for part in split_into_subtrees(*one)]) for one in ranges}


def _visit_subtrees(leaves: Iterable[bytes], seen: Callable[[int, int, bytes], None]) -> None:
    hashes: list[bytes] = []
    for place, leaf in enumerate(leaves):
        begin, digest, bits = place, leaf, place
        seen(begin, place + 1, digest)
        while bits & 1:
            digest = hash_node(hashes.pop(), digest)
            begin -= place + 1 - begin
            seen(begin, place + 1, digest)
            bits >>= 1
        hashes.append(digest)


class PrunedTreeBuilder:
    """A tree of which some leaves are shown: finds the fewest whole subtrees that, with them, give the root.

    Leaves are added in order, each with whether it is shown. Nothing is kept but the frontier and what was found.
    """

    def __init__(self) -> None:
        self.frontier = Frontier()
        self.nodes: list[tuple[int, int, bytes]] = []
        self._disclosed: list[bool] = []

    def append(self, leaf: bytes, shown: bool) -> None:
        """Append the hash of a leaf."""
        hashes, size = self.frontier.hashes, self.frontier.size
        width, bits = 1, size
        while bits & 1:
            left, left_shown = hashes.pop(), self._disclosed.pop()
            if left_shown != shown:
                begin = size + 1 - (width if left_shown else 2 * width)
                self.nodes.append((begin, begin + width, leaf if left_shown else left))
            leaf, shown = hash_node(left, leaf), shown or left_shown
            width, bits = width * 2, bits >> 1
        hashes.append(leaf)
        self._disclosed.append(shown)
        self.frontier.size += 1

    def finish(self) -> list[tuple[int, int, bytes]]:
        """The subtrees (begin, end, hash) in order."""
        rest = zip(split_into_subtrees(0, self.frontier.size), self.frontier.hashes, self._disclosed, strict=True)
        self.nodes += [(begin, end, digest) for (begin, end), digest, shown in rest if not shown]
        self.nodes.sort()
        assert all(a[1] <= b[0] for a, b in pairwise(self.nodes))
        return self.nodes


def collect_proof_hashes(hashes: Mapping[LeafRange, bytes], ranges: Iterable[LeafRange]) -> list[bytes]:
    """The hashes of a proof in its order."""
    return [hashes[one] for one in ranges]
