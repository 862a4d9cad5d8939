"""Sends mail through the SMTP server of ``[mail]``.

1. Every message has Date, From and Message-ID (RFC 5322, 3.6); the Message-ID is in the domain of the sender. Automatic
   messages say so (RFC 3834), so that nobody's absence notice answers them.
2. Transport security is none, STARTTLS or TLS from the first byte (RFC 8314); certificates are verified. A login is
   sent only where a user is configured.
3. A recipient whom the server refuses is logged and returned with the server's reply; the others get the message. Where
   the server refuses every recipient, MailError names each.
4. Without ``[mail] host`` the older keys apply: ``[notice] smtp…`` for notices, ``[evidence] smtp…`` for reports.
"""

import logging
import mimetypes
import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid, parseaddr
from pathlib import Path
from typing import NamedTuple

from signage.evidence.settings import EvidenceConfig
from signage.services.settings import MailConfig, MailSecurity, NoticeConfig

DEFAULT_SENDER = "signage@localhost"
DEFAULT_PORTS: dict[MailSecurity, int] = {"none": 25, "starttls": 587, "tls": 465}
TIMEOUT_S = 20.0
_log = logging.getLogger(__name__)


class RefusedRecipient(NamedTuple):
    """An address that the mail server refused, with its reply."""

    address: str
    code: int
    reply: str

    def __str__(self) -> str:
        return f"{self.address}: {self.code} {self.reply}"


class MailError(OSError):
    """The mail server refused every recipient."""


def get_notice_mail(mail: MailConfig, notice: NoticeConfig) -> MailConfig:
    """Return the mail server of incident notices: ``[mail]``, else ``[notice] smtp``."""
    if mail.host or not notice.smtp:
        return replace(mail, from_=mail.from_ or notice.mail_from)
    host, port = _split_host(notice.smtp, 465 if notice.smtp_security == "tls" else 25)
    return MailConfig(
        host,
        port,
        notice.smtp_security,
        user=notice.smtp_user,
        password=notice.smtp_password,
        from_=notice.mail_from or mail.from_,
    )


def get_report_mail(mail: MailConfig, evidence: EvidenceConfig) -> MailConfig:
    """Return the mail server of reports and reminders: ``[mail]``, else ``[evidence] smtp``."""
    if mail.host or not evidence.smtp:
        return replace(mail, from_=mail.from_ or evidence.mail_from)
    host, port = _split_host(evidence.smtp, 25)
    return MailConfig(host, port, from_=evidence.mail_from or mail.from_)


def _split_host(address: str, default_port: int) -> tuple[str, int]:
    host, _, port = address.partition(":")
    return host, int(port) if port.isdecimal() else default_port


def send_mail(
    mail: MailConfig, at: datetime, recipients: Sequence[str], subject: str, text: str, files: Sequence[Path] = ()
) -> list[RefusedRecipient]:
    """Send a message dated *at* (aware); return the recipients that the server refused. Raises OSError."""
    message = build_message(mail, at, recipients, subject, text, files)
    with _connect(mail) as server:
        if mail.user:
            server.login(mail.user, _read_password(mail))
        try:
            replies = server.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            raise MailError("; ".join(map(str, _list_refused(error.recipients)))) from error
    refused = _list_refused(replies)
    for recipient in refused:
        _log.warning("the mail server %s refused a recipient: %s", mail.host, recipient)
    return refused


def build_message(
    mail: MailConfig, at: datetime, recipients: Sequence[str], subject: str, text: str, files: Sequence[Path] = ()
) -> EmailMessage:
    """Build a message with its attachments."""
    sender = mail.from_ or DEFAULT_SENDER
    message = EmailMessage()
    message["Date"] = format_datetime(at)
    message["From"] = sender
    message["To"] = ", ".join(dict.fromkeys(recipients))
    message["Subject"] = " ".join(subject.split())
    message["Message-ID"] = make_msgid(domain=parseaddr(sender)[1].rpartition("@")[2] or "localhost")
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    for path in files:
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        main, _, sub = kind.partition("/")
        message.add_attachment(path.read_bytes(), maintype=main, subtype=sub, filename=path.name)
    return message


def _connect(mail: MailConfig) -> smtplib.SMTP:
    port = mail.port or DEFAULT_PORTS[mail.tls]
    if mail.tls == "tls":
        return smtplib.SMTP_SSL(mail.host, port, timeout=TIMEOUT_S, context=ssl.create_default_context())
    server = smtplib.SMTP(mail.host, port, timeout=TIMEOUT_S)
    if mail.tls == "starttls":
        try:
            server.starttls(context=ssl.create_default_context())
        except BaseException:
            server.close()
            raise
    return server


def _read_password(mail: MailConfig) -> str:
    return mail.password or (Path(mail.password_file).read_text("utf-8").strip() if mail.password_file else "")


def _list_refused(replies: dict[str, tuple[int, bytes]]) -> list[RefusedRecipient]:
    return [
        RefusedRecipient(address, code, reply.decode("utf-8", "replace")) for address, (code, reply) in replies.items()
    ]
