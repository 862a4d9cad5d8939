"""The installations that attacks are tried on."""

from collections.abc import Iterator

import pytest

from tests.e2e.conftest import install as install
from tests.support.installation import ServerInstallation
from tests.web.granian import run_granian


@pytest.fixture(scope="module")
def wire_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a real server with short time-outs and small limits (``tests.web.wire_app``)."""
    with run_granian("tests.web.wire_app:app", WIRE_BLOBS=str(tmp_path_factory.mktemp("blobs"))) as port:
        yield port


@pytest.fixture
def running(install) -> ServerInstallation:
    """A running installation with the screen taxi-0001, whose token is ``token``."""
    office = install(campaigns=False)
    office.token = office.run_json("screens", "add", "taxi-0001", "--kind", "taxi-roof", "--panel", "taxi-192x64")[
        "token"
    ]
    return office.start()
