"""Which items a pattern of a placement names (contract, rule 8): in the order of the file."""

from signage.model.campaign_file.partial_campaign import Draft
from signage.model.wildcards import is_wild, matcher


def match_items(draft: Draft, pattern: str) -> tuple[int, ...]:
    """The rows of items that *pattern* (an id with wildcards, or ``tag:`` and a word with wildcards) names."""
    found = draft.matched.get(pattern)
    if found is None:
        found = draft.matched[pattern] = tuple(_match(draft, pattern))
    return found


def _match(draft: Draft, pattern: str) -> list[int]:
    if pattern.startswith("tag:"):
        match = matcher(pattern.removeprefix("tag:"))
        return [n for n, row in enumerate(draft.items) if any(match(tag) for tag in row.get("tags", ()))]
    if not is_wild(pattern):
        if not draft.rows:
            draft.rows.update({row["id"]: n for n, row in reversed(list(enumerate(draft.items))) if "id" in row})
        return [draft.rows[pattern]] if pattern in draft.rows else []
    match = matcher(pattern)
    return [n for n, row in enumerate(draft.items) if "id" in row and match(row["id"])]
