"""Migrations of the database schema; each is applied once, in order."""

HEAD = "0010"
"""The newest migration. A constant, so that a start with nothing to migrate does not import Alembic."""
