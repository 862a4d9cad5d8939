"""Checkpoints as text that prints on paper: C2SP's checkpoint in a signed note (tlog-checkpoint, signed-note).

The text is the log's name, its size, its root in base64, a line each. Below an empty line stands a line for each
signature: a dash, the name, and base64 of four bytes that tell the key and an Ed25519 signature over the text.
"""

import base64
import hashlib
from collections.abc import Iterable

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

DASH = "\u2014"
ED25519 = b"\x01"


def checkpoint_text(origin: str, size: int, root: bytes) -> str:
    """What is signed."""
    return f"{origin}\n{size}\n{base64.b64encode(root).decode('ascii')}\n"


def note_key(name: str, public: bytes) -> bytes:
    """The four bytes by which a note's line tells its key."""
    return hashlib.sha256(name.encode() + b"\n" + ED25519 + public).digest()[:4]


def sign(text: str, name: str, keys: Iterable[Ed25519PrivateKey]) -> str:
    """*text* with a signature line for each of *keys*."""
    lines = []
    for key in keys:
        public = key.public_key().public_bytes_raw()
        signed = note_key(name, public) + key.sign(text.encode())
        lines.append(f"{DASH} {name} {base64.b64encode(signed).decode('ascii')}\n")
    return text + "\n" + "".join(lines)


def verifier_key(name: str, public: bytes) -> str:
    """The key in the form that other tools for such logs take (``name+hash+key``)."""
    return f"{name}+{note_key(name, public).hex()}+{base64.b64encode(ED25519 + public).decode('ascii')}"
