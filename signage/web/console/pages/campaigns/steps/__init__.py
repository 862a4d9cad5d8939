"""A campaign in four steps: content, where, when, review; and the one-page form for a single item."""
