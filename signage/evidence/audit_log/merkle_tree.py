"""Merkle tree (RFC 6962; RFC 9162, 2.1): roots, inclusion and consistency proofs, and pruned trees.

The hash of a leaf is sha256 of a zero byte and the leaf, that of a node sha256 of a one byte and its two children. A
list of n leaves is split at the largest power of two below n, so every range of leaves consists of *complete* subtrees:
2^k leaves that start at a multiple of 2^k. A complete subtree never changes.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise

LeafRange = tuple[int, int]
EMPTY_ROOT = hashlib.sha256().digest()


def hash_node(left: bytes, right: bytes) -> bytes:
    """Return the hash of a node from those of its children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """The complete subtrees of the first *size* leaves, the largest first: all that appending needs."""

    __slots__ = ("hashes", "size")

    def __init__(self, size: int = 0, hashes: Sequence[bytes] = ()) -> None:
        if size.bit_count() != len(hashes):
            raise ValueError(f"{size} leaves have {size.bit_count()} complete subtrees, not {len(hashes)}")
        self.size = size
        self.hashes = list(hashes)

    def append(self, leaf: bytes) -> None:
        """Append the hash of a leaf."""
        hashes, index = self.hashes, self.size
        while index & 1:
            leaf = hash_node(hashes.pop(), leaf)
            index >>= 1
        hashes.append(leaf)
        self.size += 1

    def compute_root(self) -> bytes:
        """Return the root over all leaves."""
        return hash_subtrees(self.hashes)


def hash_subtrees(hashes: Sequence[bytes]) -> bytes:
    """Return the root over adjacent complete subtrees, the largest first."""
    if not hashes:
        return EMPTY_ROOT
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = hash_node(left, root)
    return root


def split_into_subtrees(begin: int, end: int) -> list[LeafRange]:
    """Return the complete subtrees of the node over leaves *begin* to *end* (excluded), the largest first."""
    ranges = []
    while begin < end:
        step = 1 << ((end - begin).bit_length() - 1)
        ranges.append((begin, begin + step))
        begin += step
    return ranges


def list_inclusion_nodes(index: int, size: int) -> list[LeafRange]:
    """Return the nodes of the inclusion proof of leaf *index* (RFC 9162, 2.1.3.1), from the leaf up."""
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} among {size}")
    nodes: list[LeafRange] = []
    begin, end = 0, size
    while end - begin > 1:
        middle = begin + _get_split_size(end - begin)
        if index < middle:
            nodes.append((middle, end))
            end = middle
        else:
            nodes.append((begin, middle))
            begin = middle
    return nodes[::-1]


def list_consistency_nodes(old: int, size: int) -> list[LeafRange]:
    """Return the nodes of the consistency proof between the trees of *old* and *size* leaves (RFC 9162, 2.1.4.1)."""
    if not 0 < old <= size:
        raise ValueError(f"a tree of {old} leaves is not a prefix of one of {size}")
    nodes: list[LeafRange] = []
    begin, end, is_prefix_complete = 0, size, True
    while old != end:
        middle = begin + _get_split_size(end - begin)
        if old <= middle:
            nodes.append((middle, end))
            end = middle
        else:
            nodes.append((begin, middle))
            begin, is_prefix_complete = middle, False
    if not is_prefix_complete:
        nodes.append((begin, end))
    return nodes[::-1]


def _get_split_size(size: int) -> int:
    return 1 << ((size - 1).bit_length() - 1)


def compute_node_hashes(leaves: Iterable[bytes], ranges: Iterable[LeafRange]) -> dict[LeafRange, bytes]:
    """Return the hashes of the nodes over *ranges*, in one pass over the hashes of all leaves."""
    subtrees = {node: split_into_subtrees(*node) for node in ranges}
    needed = {subtree for parts in subtrees.values() for subtree in parts}
    hashes: dict[LeafRange, bytes] = {}

    def visit(begin: int, end: int, digest: bytes) -> None:
        if (begin, end) in needed:
            hashes[begin, end] = digest

    _visit_subtrees(leaves, visit)
    return {node: hash_subtrees([hashes[subtree] for subtree in parts]) for node, parts in subtrees.items()}


def _visit_subtrees(leaves: Iterable[bytes], visit: Callable[[int, int, bytes], None]) -> None:
    hashes: list[bytes] = []
    for index, leaf in enumerate(leaves):
        begin, digest, bits = index, leaf, index
        visit(begin, index + 1, digest)
        while bits & 1:
            digest = hash_node(hashes.pop(), digest)
            begin -= index + 1 - begin
            visit(begin, index + 1, digest)
            bits >>= 1
        hashes.append(digest)


class PrunedTreeBuilder:
    """Finds the fewest complete subtrees of undisclosed leaves that, with the disclosed leaves, give the root.

    Leaves are appended in order, each with whether it is disclosed. Only the frontier and the result are in memory.
    """

    def __init__(self) -> None:
        self.frontier = Frontier()
        self.nodes: list[tuple[int, int, bytes]] = []
        self._disclosed: list[bool] = []

    def append(self, leaf: bytes, is_disclosed: bool) -> None:
        """Append the hash of a leaf."""
        hashes, size = self.frontier.hashes, self.frontier.size
        width, bits = 1, size
        while bits & 1:
            left, is_left_disclosed = hashes.pop(), self._disclosed.pop()
            if is_left_disclosed != is_disclosed:
                begin = size + 1 - (width if is_left_disclosed else 2 * width)
                self.nodes.append((begin, begin + width, leaf if is_left_disclosed else left))
            leaf, is_disclosed = hash_node(left, leaf), is_disclosed or is_left_disclosed
            width, bits = width * 2, bits >> 1
        hashes.append(leaf)
        self._disclosed.append(is_disclosed)
        self.frontier.size += 1

    def finish(self) -> list[tuple[int, int, bytes]]:
        """Return the subtrees (begin, end, hash) in order."""
        rest = zip(split_into_subtrees(0, self.frontier.size), self.frontier.hashes, self._disclosed, strict=True)
        self.nodes += [(begin, end, digest) for (begin, end), digest, is_disclosed in rest if not is_disclosed]
        self.nodes.sort()
        assert all(a[1] <= b[0] for a, b in pairwise(self.nodes))
        return self.nodes


def collect_proof_hashes(hashes: Mapping[LeafRange, bytes], ranges: Iterable[LeafRange]) -> list[bytes]:
    """Return the hashes of a proof in its order."""
    return [hashes[node] for node in ranges]
