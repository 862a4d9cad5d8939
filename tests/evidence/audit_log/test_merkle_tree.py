import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signage.evidence.audit_log import merkle_tree as tree
from signage.store import audit_log as audit
from tests.evidence.audit_log import oracle

LEAVES = [oracle.hash_leaf(str(n).encode()) for n in range(140)]


def test_vectors_of_certificate_transparency():
    data = [b"", b"\0", b"\x10", b" !", b"01", b"@ABC", b"PQRSTUVW", b"`abcdefghijklmno"]
    frontier = tree.Frontier()
    roots = []
    for one in data:
        frontier.append(audit.hash_leaf(one))
        roots.append(frontier.compute_root().hex())
    assert tree.Frontier().compute_root().hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert roots[0] == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert roots[7] == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


@pytest.mark.parametrize("size", range(1, 70))
def test_roots_and_proofs_are_those_of_the_rfc(size):
    leaves = LEAVES[:size]
    frontier = tree.Frontier()
    for one in leaves:
        frontier.append(one)
    root = frontier.compute_root()
    assert root == oracle.mth(leaves)
    wanted = {one for index in range(size) for one in tree.list_inclusion_nodes(index, size)}
    wanted |= {one for old in range(1, size + 1) for one in tree.list_consistency_nodes(old, size)}
    hashes = tree.compute_node_hashes(leaves, wanted)
    for index in range(size):
        steps = tree.collect_proof_hashes(hashes, tree.list_inclusion_nodes(index, size))
        assert steps == oracle.path(index, leaves)
        assert oracle.verify_inclusion(leaves[index], index, size, steps, root)
    for old in range(1, size + 1):
        assert tree.collect_proof_hashes(hashes, tree.list_consistency_nodes(old, size)) == oracle.proof(old, leaves)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.booleans(), min_size=1, max_size=len(LEAVES)))
def test_a_pruned_tree_has_the_fewest_complete_subtrees(shown):
    pruning = tree.PrunedTreeBuilder()
    for one, is_shown in zip(LEAVES, shown, strict=False):
        pruning.append(one, is_shown)
    nodes = pruning.finish()
    covered = {n for begin, end, _ in nodes for n in range(begin, end)}
    assert covered == {n for n, is_shown in enumerate(shown) if not is_shown}
    for begin, end, digest in nodes:
        assert digest == oracle.mth(LEAVES[begin:end])
        width = end - begin
        assert width & (width - 1) == 0 and begin % width == 0
        buddy = begin ^ width
        assert (buddy, buddy + width) not in {(b, e) for b, e, _ in nodes}
    assert pruning.frontier.compute_root() == oracle.mth(LEAVES[: len(shown)])
