"""Channels of incident notices: e-mail, and webhooks of WeCom (企业微信), DingTalk (钉钉) and others."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from typing import Any
from urllib.parse import quote_plus

import requests

from signage.clock import Clock
from signage.services.incidents.notifications import NoticeSender, list_on_duty
from signage.services.mail import get_notice_mail, send_mail
from signage.services.settings import MailConfig, NoticeConfig
from signage.store.incidents import IncidentRow

TIMEOUT_S = 15.0
_NO_MAIL = MailConfig()
WEBHOOK_KINDS = ("wecom", "dingtalk", "generic")


def create_channels(
    config: NoticeConfig, clock: Clock, today: Callable[[], date], mail: MailConfig = _NO_MAIL
) -> list[tuple[str, NoticeSender]]:
    """Return (name, sender) of every configured channel. *mail*: the table ``[mail]``."""
    channels: list[tuple[str, NoticeSender]] = []
    mail_server = get_notice_mail(mail, config)
    if mail_server.host:
        channels.append(("e-mail", partial(_send_mail, mail_server, clock, config, today)))
    for row in config.webhooks:
        kind, _, rest = row.partition(" ")
        address, _, secret = rest.strip().partition(" ")
        channels.append((kind, partial(_send_webhook, clock, kind, address, secret)))
    return channels


def _send_mail(
    mail: MailConfig,
    clock: Clock,
    config: NoticeConfig,
    today: Callable[[], date],
    subject: str,
    text: str,
    incidents: Sequence[IncidentRow],
) -> None:
    recipients = [*config.mail_to, *list_on_duty(config, today())]
    if recipients:
        send_mail(mail, clock.now(), recipients, subject, text)


def _send_webhook(
    clock: Clock, kind: str, address: str, secret: str, subject: str, text: str, incidents: Sequence[IncidentRow]
) -> None:
    body: dict[str, Any] = {"msgtype": "text", "text": {"content": f"{subject}\n{text}"[:2000]}}
    if kind == "generic":
        rows = [{"number": i.number, "kind": i.kind, "screen": i.screen, "facts": dict(i.facts)} for i in incidents]
        body = {"subject": subject, "text": text, "incidents": rows}
    if kind == "dingtalk" and secret:
        address += _sign_dingtalk_query(int(clock.now().timestamp() * 1000), secret)
    headers = {"Authorization": f"Bearer {secret}"} if kind == "generic" and secret else {}
    response = requests.post(address, json=body, headers=headers, timeout=TIMEOUT_S, allow_redirects=False)
    response.raise_for_status()
    if kind != "generic":
        _check_response(response)


def _check_response(response: requests.Response) -> None:
    """Raise OSError for a refusal: both services response it with status 200 and an error code in the body."""
    try:
        code = response.json().get("errcode", 0)
    except (ValueError, AttributeError):
        return
    if code:
        raise OSError(f"refused with errcode {code}")


def _sign_dingtalk_query(at_ms: int, secret: str) -> str:
    digest = hmac.new(secret.encode(), f"{at_ms}\n{secret}".encode(), hashlib.sha256).digest()
    return f"&timestamp={at_ms}&sign={quote_plus(base64.b64encode(digest))}"
