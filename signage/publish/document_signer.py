"""Signs playlists and ``keys.json`` with the installation's active keys (Ed25519; contract, playlist document)."""

import base64
from dataclasses import dataclass

import msgspec

from signage.protocol.signing import PublicKey, PublicKeySet, sign_document
from signage.store.signing_keys import SigningKey


@dataclass(frozen=True, slots=True)
class DocumentSigner:
    """The active keys, oldest first; a signature has one member for each."""

    keys: tuple[SigningKey, ...] = ()

    def sign(self, content: bytes) -> str:
        """Return the value of ``Playlist-Signature`` over exactly *content*."""
        return sign_document(content, [key.private for key in self.keys])

    def build_keys_document(self) -> tuple[bytes, str]:
        """Return ``keys.json`` and its signature by each of its keys."""
        public_keys = (PublicKey(key.id, base64.b64encode(key.public).decode("ascii")) for key in self.keys)
        content = msgspec.json.encode(PublicKeySet(tuple(public_keys)))
        return content, self.sign(content)
