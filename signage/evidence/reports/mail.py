"""Reports and reminders by e-mail, over the office's own server."""

import mimetypes
import smtplib
from collections.abc import Sequence
from email.message import EmailMessage
from pathlib import Path

from signage.evidence.settings import EvidenceConfig

TIMEOUT_S = 20.0


def send_mail(config: EvidenceConfig, subject: str, text: str, files: Sequence[Path] = ()) -> None:
    """Send a message to whom the configuration names. Raises OSError (``smtplib``'s own are such)."""
    message = EmailMessage()
    message["Subject"] = subject
    message["From"] = config.mail_from or "signage@localhost"
    message["To"] = ", ".join(address.strip() for address in config.mail_to.split(",") if address.strip())
    message.set_content(text)
    for path in files:
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        main, _, sub = kind.partition("/")
        message.add_attachment(path.read_bytes(), maintype=main, subtype=sub, filename=path.name)
    host, _, port = config.smtp.partition(":")
    with smtplib.SMTP(host, int(port or 25), timeout=TIMEOUT_S) as server:
        server.send_message(message)
