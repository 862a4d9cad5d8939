"""Civic digital signage: campaigns on public screens, and proof of what they showed."""

__version__ = "0.2.0"
