"""Formats checkpoints as signed notes (C2SP tlog-checkpoint and signed-note).

The text has three lines: origin, size and root in base64. After an empty line, each signature has a line: an em dash,
the name, and base64 of four bytes that identify the key and of an Ed25519 signature of the text.
"""

import base64
import hashlib
from collections.abc import Iterable

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

EM_DASH = "\u2014"
ED25519_SIGNATURE_TYPE = b"\x01"


def format_checkpoint(origin: str, size: int, root: bytes) -> str:
    """Return the text that is signed."""
    return f"{origin}\n{size}\n{base64.b64encode(root).decode('ascii')}\n"


def compute_key_hash(name: str, public: bytes) -> bytes:
    """Return the four bytes that identify a key in a signature line."""
    return hashlib.sha256(name.encode() + b"\n" + ED25519_SIGNATURE_TYPE + public).digest()[:4]


def sign_note(text: str, name: str, keys: Iterable[Ed25519PrivateKey]) -> str:
    """Return *text* with a signature line for each of *keys*."""
    lines = []
    for key in keys:
        public = key.public_key().public_bytes_raw()
        signature = compute_key_hash(name, public) + key.sign(text.encode())
        lines.append(f"{EM_DASH} {name} {base64.b64encode(signature).decode('ascii')}\n")
    return text + "\n" + "".join(lines)


def format_verifier_key(name: str, public: bytes) -> str:
    """Return a key in the form of other tools for such logs (``name+hash+key``)."""
    key_hash = compute_key_hash(name, public).hex()
    return f"{name}+{key_hash}+{base64.b64encode(ED25519_SIGNATURE_TYPE + public).decode('ascii')}"
