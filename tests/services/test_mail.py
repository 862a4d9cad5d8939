"""Mail is complete (RFC 5322), confidential where configured, and refusals are reported."""

import logging
import ssl
from datetime import UTC, datetime

import pytest

from signage.evidence.settings import EvidenceConfig
from signage.services.mail import MailError, RefusedRecipient, get_notice_mail, get_report_mail, send_mail
from signage.services.settings import MailConfig, NoticeConfig
from tests.services.smtp_server import run_mail_server

AT = datetime(2021, 3, 15, 8, 0, tzinfo=UTC)
SENDER = "Signage <signage@city.example>"


def send(config, *recipients, subject="新事件", text="黑屏", files=()):
    return send_mail(config, AT, recipients or ("duty@city.example",), subject, text, files)


def test_a_message_has_every_header_that_other_systems_ask_for(tmp_path):
    (tmp_path / "总结.csv").write_text("a\n", "utf-8")
    with run_mail_server(tmp_path) as server:
        config = MailConfig("127.0.0.1", server.port, from_=SENDER)
        assert send(config, subject="一\r\nBcc: x@example.org", files=[tmp_path / "总结.csv"]) == []
        assert send(config) == []
    first, second = server.messages
    assert first["Date"].datetime == AT
    assert first["From"] == SENDER
    assert first["To"] == "duty@city.example"
    assert first["Subject"] == "一 Bcc: x@example.org"
    assert first["Bcc"] is None
    assert first["Auto-Submitted"] == "auto-generated"
    assert first["Message-ID"].endswith("@city.example>")
    assert first["Message-ID"] != second["Message-ID"]
    assert first.get_body().get_content().strip() == "黑屏"
    assert [part.get_filename() for part in first.iter_attachments()] == ["总结.csv"]


def test_without_a_sender_the_message_is_still_valid(tmp_path):
    with run_mail_server(tmp_path) as server:
        send(MailConfig("127.0.0.1", server.port))
    (message,) = server.messages
    assert message["From"] == "signage@localhost"
    assert message["Message-ID"].endswith("@localhost>")


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_tls_is_used_and_the_certificate_verified(tmp_path, monkeypatch, tls):
    (tmp_path / "password").write_text("secret\n", "utf-8")
    with run_mail_server(tmp_path, tls=tls) as server:
        config = MailConfig(
            "127.0.0.1", server.port, tls, user="li", password_file=str(tmp_path / "password"), from_=SENDER
        )
        with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
            send(config)
        assert server.logins == server.messages == []
        trusting = ssl.create_default_context(cafile=server.certificate)
        monkeypatch.setattr(ssl, "create_default_context", lambda: trusting)
        send(config)
    assert server.is_encrypted
    assert server.logins == ["li secret"]
    assert len(server.messages) == 1


def test_starttls_is_never_skipped(tmp_path):
    with run_mail_server(tmp_path) as server, pytest.raises(OSError, match="STARTTLS"):
        send(MailConfig("127.0.0.1", server.port, "starttls", user="li", password="secret"))
    assert server.logins == server.messages == []


def test_a_refused_recipient_is_returned_and_logged_and_the_others_get_the_message(tmp_path, caplog):
    with run_mail_server(tmp_path, refused=("gone@city.example",)) as server, caplog.at_level(logging.WARNING):
        refused = send(MailConfig("127.0.0.1", server.port), "gone@city.example", "duty@city.example")
    assert refused == [RefusedRecipient("gone@city.example", 550, "no such user")]
    assert "gone@city.example: 550 no such user" in caplog.text
    assert server.recipients == ["duty@city.example"]
    assert len(server.messages) == 1


def test_where_all_are_refused_the_error_names_each(tmp_path):
    refused = ("a@city.example", "b@city.example")
    with run_mail_server(tmp_path, refused=refused) as server, pytest.raises(MailError) as error:
        send(MailConfig("127.0.0.1", server.port), *refused)
    assert str(error.value) == "a@city.example: 550 no such user; b@city.example: 550 no such user"
    assert server.messages == []


def test_the_older_keys_apply_only_without_a_host():
    notice = NoticeConfig(
        smtp="old.example:2525",
        smtp_security="starttls",
        smtp_user="li",
        smtp_password="secret",
        mail_from="notice@city.example",
    )
    evidence = EvidenceConfig(smtp="reports.example", mail_from="report@city.example")
    assert get_notice_mail(MailConfig(), notice) == MailConfig(
        "old.example", 2525, "starttls", "li", "secret", from_="notice@city.example"
    )
    assert get_report_mail(MailConfig(), evidence) == MailConfig("reports.example", 25, from_="report@city.example")
    new = MailConfig("new.example", tls="tls", from_=SENDER)
    assert get_notice_mail(new, notice) == get_report_mail(new, evidence) == new
    assert get_report_mail(MailConfig("new.example"), evidence).from_ == "report@city.example"
    assert get_notice_mail(MailConfig(), NoticeConfig()).host == ""
