"""How notices leave the house: e-mail, and webhooks of WeCom (企业微信), DingTalk (钉钉) and any other."""

import base64
import hashlib
import hmac
import smtplib
import ssl
from collections.abc import Callable, Sequence
from datetime import date
from email.message import EmailMessage
from functools import partial
from typing import Any
from urllib.parse import quote_plus

import requests

from signage.clock import Clock
from signage.services.incidents.notifications import NoticeSender, list_on_duty
from signage.services.settings import NoticeConfig
from signage.store.incidents import IncidentRow

TIMEOUT_S = 15.0
WEBHOOK_KINDS = ("wecom", "dingtalk", "generic")


def create_channels(config: NoticeConfig, clock: Clock, today: Callable[[], date]) -> list[tuple[str, NoticeSender]]:
    """All channels of the configuration, each with its name."""
    found: list[tuple[str, NoticeSender]] = []
    if config.smtp:
        found.append(("e-mail", partial(_send_mail, config, today)))
    for row in config.webhooks:
        kind, _, rest = row.partition(" ")
        address, _, secret = rest.strip().partition(" ")
        found.append((kind, partial(_send_webhook, clock, kind, address, secret)))
    return found


def _send_mail(
    config: NoticeConfig, today: Callable[[], date], subject: str, text: str, incidents: Sequence[IncidentRow]
) -> None:
    to = list(dict.fromkeys([*config.mail_to, *list_on_duty(config, today())]))
    if not to:
        return
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = subject.replace("\n", " "), config.mail_from, ", ".join(to)
    mail.set_content(text)
    host, _, port = config.smtp.partition(":")
    safe = ssl.create_default_context()
    if config.smtp_security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, int(port or 465), timeout=TIMEOUT_S, context=safe)
    else:
        server = smtplib.SMTP(host, int(port or 25), timeout=TIMEOUT_S)
    with server:
        if config.smtp_security == "starttls":
            server.starttls(context=safe)
        if config.smtp_user:
            server.login(config.smtp_user, config.smtp_password)
        server.send_message(mail)


def _send_webhook(
    clock: Clock, kind: str, address: str, secret: str, subject: str, text: str, incidents: Sequence[IncidentRow]
) -> None:
    body: dict[str, Any] = {"msgtype": "text", "text": {"content": f"{subject}\n{text}"[:2000]}}
    if kind == "generic":
        listed = [{"number": i.number, "kind": i.kind, "screen": i.screen, "facts": dict(i.facts)} for i in incidents]
        body = {"subject": subject, "text": text, "incidents": listed}
    if kind == "dingtalk" and secret:
        address += _sign_dingtalk_query(int(clock.now().timestamp() * 1000), secret)
    headers = {"Authorization": f"Bearer {secret}"} if kind == "generic" and secret else {}
    answer = requests.post(address, json=body, headers=headers, timeout=TIMEOUT_S, allow_redirects=False)
    answer.raise_for_status()
    if kind != "generic":
        _check_answer(answer)


def _check_answer(answer: requests.Response) -> None:
    """Both services answer 200 to what they refuse, and say so in the body."""
    try:
        code = answer.json().get("errcode", 0)
    except (ValueError, AttributeError):
        return
    if code:
        raise OSError(f"refused with errcode {code}")


def _sign_dingtalk_query(at_ms: int, secret: str) -> str:
    told = hmac.new(secret.encode(), f"{at_ms}\n{secret}".encode(), hashlib.sha256).digest()
    return f"&timestamp={at_ms}&sign={quote_plus(base64.b64encode(told))}"
