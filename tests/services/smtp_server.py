"""A mail server on this machine for tests: it records what clients send, with TLS, login and refusals if wished."""

import base64
import datetime
import email
import ipaddress
import socket
import ssl
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


@dataclass
class MailServer:
    port: int
    certificate: str = ""
    recipients: list[str] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    messages: list[EmailMessage] = field(default_factory=list)
    is_encrypted: bool = False


@contextmanager
def run_mail_server(folder, *, tls="none", refused=()):
    """Serve one connection after another. *refused*: addresses that get 550."""
    certificate = create_certificate(folder) if tls != "none" else None
    listening = socket.create_server(("127.0.0.1", 0))
    server = MailServer(listening.getsockname()[1], str(certificate or ""))
    thread = threading.Thread(target=_serve, args=(listening, server, tls, certificate, refused), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(5)


def create_certificate(folder):
    """Write a self-signed certificate of 127.0.0.1 with its key; return the path."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "mail.pem"
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    path.write_bytes(
        certificate.public_bytes(encoding) + key.private_bytes(encoding, form, serialization.NoEncryption())
    )
    return path


def _serve(listening, server, tls, certificate, refused):
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        try:
            with connection:
                _talk(connection, server, tls, certificate, refused)
        except OSError:
            continue


def _encrypt(connection, certificate, server):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    encrypted = context.wrap_socket(connection, server_side=True)
    server.is_encrypted = True
    return encrypted, encrypted.makefile("rwb", buffering=0)


def _talk(connection, server, tls, certificate, refused):
    file = connection.makefile("rwb", buffering=0)
    if tls == "tls":
        connection, file = _encrypt(connection, certificate, server)
    file.write(b"220 test\r\n")
    while line := file.readline().decode().rstrip("\r\n"):
        word, reply = line.split()[0].upper(), "250 ok"
        if word == "EHLO":
            reply = "250-test\r\n250-AUTH PLAIN" + ("\r\n250 STARTTLS" if tls == "starttls" else "\r\n250 SIZE")
        elif word == "AUTH":
            server.logins.append(base64.b64decode(line.split()[2]).decode().replace("\0", " ").strip())
            reply = "235 ok"
        elif word == "RCPT":
            address = line.partition("<")[2].partition(">")[0]
            reply = "550 no such user" if address in refused else reply
            server.recipients += [] if address in refused else [address]
        elif word == "QUIT":
            reply = "221 bye"
        elif word == "DATA":
            file.write(b"354 go\r\n")
            server.messages.append(_read_message(file))
        elif word == "STARTTLS":
            file.write(b"220 go\r\n")
            connection, file = _encrypt(connection, certificate, server)
            continue
        file.write(f"{reply}\r\n".encode())
        if word == "QUIT":
            return


def _read_message(file):
    lines = []
    while (line := file.readline()) != b".\r\n":
        lines.append(line)
    return email.message_from_bytes(b"".join(lines), policy=policy.default)
