"""Channels of notices, against real servers on this machine."""

import json
import socket
import threading
from datetime import date
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from signage.clock import SystemClock
from signage.services.incidents.channels import create_channels
from signage.services.settings import NoticeConfig


class Hook(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.path, json.loads(body), dict(self.headers)))
        answer = json.dumps({"errcode": self.server.errcode}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *args):
        pass


@pytest.fixture
def hook():
    server = HTTPServer(("127.0.0.1", 0), Hook)
    server.got, server.errcode = [], 0
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join(5)


def send(config):
    for _, channel in create_channels(config, SystemClock(), lambda: date(2021, 3, 15)):
        channel("公共屏：1 个新事件", "#1 黑屏", [])


def test_webhooks_get_what_each_service_reads(hook):
    base = f"http://127.0.0.1:{hook.server_port}"
    send(
        NoticeConfig(
            webhooks=(f"wecom {base}/wecom?key=k", f"dingtalk {base}/ding?t=x SEC1", f"generic {base}/any tok")
        )
    )
    wecom, ding, other = hook.got
    assert wecom[1] == {"msgtype": "text", "text": {"content": "公共屏：1 个新事件\n#1 黑屏"}}
    assert "&timestamp=" in ding[0]
    assert "&sign=" in ding[0]
    assert other[1]["text"] == "#1 黑屏"
    assert other[2]["Authorization"] == "Bearer tok"


def test_a_service_that_refuses_in_its_body_is_a_failure(hook):
    hook.errcode = 93000
    with pytest.raises(OSError, match="93000"):
        send(NoticeConfig(webhooks=(f"wecom http://127.0.0.1:{hook.server_port}/",)))


def test_mail_goes_to_all_and_to_who_is_on_duty():
    listening = socket.create_server(("127.0.0.1", 0))
    got = []
    thread = threading.Thread(target=_one_mail, args=(listening, got), daemon=True)
    thread.start()
    port = listening.getsockname()[1]
    send(
        NoticeConfig(
            smtp=f"127.0.0.1:{port}",
            mail_from="signage@example.org",
            mail_to=("head@example.org",),
            roster=("mon=li@example.org",),
        )
    )
    thread.join(5)
    listening.close()
    said = "\n".join(got)
    assert "RCPT TO:<head@example.org>" in said.replace("rcpt TO", "RCPT TO")
    assert "li@example.org" in said


def _one_mail(listening, got):
    connection, _ = listening.accept()
    with connection, connection.makefile("rwb", buffering=0) as file:
        file.write(b"220 test\r\n")
        data = False
        for raw in file:
            line = raw.decode("utf-8", "replace").rstrip("\r\n")
            got.append(line)
            if data:
                if line == ".":
                    data = False
                    file.write(b"250 ok\r\n")
                continue
            word = line[:4].upper()
            if word == "DATA":
                data = True
                file.write(b"354 go\r\n")
            elif word == "QUIT":
                file.write(b"221 bye\r\n")
                return
            else:
                file.write(b"250 ok\r\n")
