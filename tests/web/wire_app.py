"""The fake installation as Granian serves it; the folder of blobs comes by the environment."""

import os
from pathlib import Path

from signage.web.app import create_app
from signage.web.settings import WebConfig
from tests.web.support import FakeInstallation

server = FakeInstallation(
    Path(os.environ["WIRE_BLOBS"]),
    config=WebConfig(
        body_timeout_s=1,
        uploads_at_once=8,
        uploads_each=4,
        media_at_once=4,
        silent_s=1,
        connections_each=40,
    ),
)
app = create_app(server.create_dependencies())
