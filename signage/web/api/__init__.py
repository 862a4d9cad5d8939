"""``/api/v1``: the acts of the office for programs. ``table.py`` lists all addresses; a file a resource."""
