import base64
import hashlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from signage.evidence.audit_log import signed_note as note


def test_a_note_follows_the_c2sp_specification():
    key = Ed25519PrivateKey.from_private_bytes(bytes(32))
    public = key.public_key().public_bytes_raw()
    text = note.format_checkpoint("example.com/log", 7, bytes(32))
    assert text == "example.com/log\n7\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
    signed = note.sign_note(text, "example.com/log", [key])
    body, _, lines = signed.partition("\n\n")
    assert body + "\n" == text
    dash, name, blob = lines.removesuffix("\n").split(" ")
    raw = base64.b64decode(blob)
    assert (dash, name) == ("\u2014", "example.com/log")
    assert raw[:4] == hashlib.sha256(b"example.com/log\n\x01" + public).digest()[:4]
    key.public_key().verify(raw[4:], text.encode())
