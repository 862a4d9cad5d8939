"""Hashes the secrets that the database may not contain: tokens of screens and of the API, sessions, password links."""

import hashlib


def hash_token(token: str) -> str:
    """Return the sha256 of a secret in hex: what the database stores in its place."""
    return hashlib.sha256(token.encode()).hexdigest()
