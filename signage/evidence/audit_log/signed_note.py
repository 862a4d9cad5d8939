"""Checkpoints as text that prints on paper: C2SP's checkpoint in a signed note (tlog-checkpoint, signed-note).

The text is the log's name, its size, its root in base64, a line each. Below an empty line stands a line for each
signature: a dash, the name, and base64 of four bytes that tell the key and an Ed25519 signature over the text.
"""

import base64
import hashlib
from collections.abc import Iterable

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

EM_DASH = "\u2014"
ED25519_SIGNATURE_TYPE = b"\x01"


def format_checkpoint(origin: str, size: int, root: bytes) -> str:
    """What is signed."""
    return f"{origin}\n{size}\n{base64.b64encode(root).decode('ascii')}\n"


def compute_key_hash(name: str, public: bytes) -> bytes:
    """The four bytes by which a note's line tells its key."""
    return hashlib.sha256(name.encode() + b"\n" + ED25519_SIGNATURE_TYPE + public).digest()[:4]


def sign_note(text: str, name: str, keys: Iterable[Ed25519PrivateKey]) -> str:
    """*text* with a signature line for each of *keys*."""
    lines = []
    for key in keys:
        public = key.public_key().public_bytes_raw()
        signed = compute_key_hash(name, public) + key.sign(text.encode())
        lines.append(f"{EM_DASH} {name} {base64.b64encode(signed).decode('ascii')}\n")
    return text + "\n" + "".join(lines)


def format_verifier_key(name: str, public: bytes) -> str:
    """The key in the form that other tools for such logs take (``name+hash+key``)."""
    key_hash = compute_key_hash(name, public).hex()
    return f"{name}+{key_hash}+{base64.b64encode(ED25519_SIGNATURE_TYPE + public).decode('ascii')}"
