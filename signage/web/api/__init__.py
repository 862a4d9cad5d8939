"""``/api/v1``: the services as JSON, for programs. ``routes.py`` lists all operations; each resource has a module."""
