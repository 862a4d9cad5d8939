"""Match patterns of placements to items (contract, rule 8), in the order of the file."""

from signage.model.campaign_file.partial_campaign import PartialCampaign
from signage.model.wildcards import compile_wildcard, has_wildcard


def list_matching_items(draft: PartialCampaign, pattern: str) -> tuple[int, ...]:
    """Return the rows of items that *pattern* matches: an id with wildcards, or ``tag:`` and a tag with wildcards."""
    rows = draft.rows_by_pattern.get(pattern)
    if rows is None:
        rows = draft.rows_by_pattern[pattern] = tuple(_find_matching_rows(draft, pattern))
    return rows


def _find_matching_rows(draft: PartialCampaign, pattern: str) -> list[int]:
    if pattern.startswith("tag:"):
        match = compile_wildcard(pattern.removeprefix("tag:"))
        return [n for n, row in enumerate(draft.items) if any(match(tag) for tag in row.get("tags", ()))]
    if not has_wildcard(pattern):
        if not draft.row_by_item_id:
            draft.row_by_item_id.update(
                {row["id"]: n for n, row in reversed(list(enumerate(draft.items))) if "id" in row}
            )
        return [draft.row_by_item_id[pattern]] if pattern in draft.row_by_item_id else []
    match = compile_wildcard(pattern)
    return [n for n, row in enumerate(draft.items) if "id" in row and match(row["id"])]
