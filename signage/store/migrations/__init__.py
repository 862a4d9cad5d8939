"""The steps from one shape of the database to the next; each is applied once, in order."""

HEAD = "0004"
"""The newest step. Kept here so that a start with nothing to do need not import the machinery."""
