"""Signatures over documents: Ed25519 (RFC 8032) over the exact bytes, in an RFC 9651 dictionary.

``Playlist-Signature: KEYID=:BASE64:, …`` with one member per key during a key change. KEYID is ``k`` and the first
16 hex digits of the sha256 of the raw public key.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Mapping

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import Struct

SIGNATURE_HEADER = "Playlist-Signature"
_MEMBER_PATTERN = re.compile(r"\s*(k[0-9a-f]{16})=:([A-Za-z0-9+/=]*):\s*(?:;[^,]*)?\s*\Z")


class PublicKey(Struct, frozen=True):
    """A public key in ``keys.json``: *ed25519* is the raw 32 bytes in base64."""

    id: str
    ed25519: str


class PublicKeySet(Struct, frozen=True):
    """The document ``keys.json``."""

    keys: tuple[PublicKey, ...]


def compute_key_id(public_key: bytes) -> str:
    """Return the KEYID of a raw public key of 32 bytes."""
    return "k" + hashlib.sha256(public_key).hexdigest()[:16]


def sign_document(document: bytes, keys: Iterable[Ed25519PrivateKey]) -> str:
    """Return the header value: one member for each of *keys*."""
    members = []
    for key in keys:
        signature = base64.b64encode(key.sign(document)).decode("ascii")
        members.append(f"{compute_key_id(key.public_key().public_bytes_raw())}=:{signature}:")
    return ", ".join(members)


def parse_signature_header(header: str) -> dict[str, bytes]:
    """Parse the members of the header; malformed members are skipped."""
    signatures: dict[str, bytes] = {}
    for member in header.split(","):
        match = _MEMBER_PATTERN.match(member)
        if match:
            try:
                signatures[match[1]] = base64.b64decode(match[2], validate=True)
            except binascii.Error:
                continue
    return signatures


def find_verifying_key(document: bytes, header: str, pinned: Mapping[str, bytes]) -> str | None:
    """Return the KEYID of a *pinned* key (KEYID → raw public key) whose signature is valid; None if there is none."""
    for name, signature in parse_signature_header(header).items():
        public_key = pinned.get(name)
        if public_key is None or compute_key_id(public_key) != name:
            continue
        try:
            Ed25519PublicKey.from_public_bytes(public_key).verify(signature, document)
        except (InvalidSignature, ValueError):
            continue
        return name
    return None
