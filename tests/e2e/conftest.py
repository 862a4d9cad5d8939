"""Real installations for tests from outside."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.browser_installation import BrowserInstallation
from tests.support.installation import ServerInstallation
from tests.web.browser import open_chromium


@pytest.fixture
def install(tmp_path: Path) -> Iterator[Callable[..., ServerInstallation]]:
    """Makes installations; ends their servers when the test is over."""
    made: list[ServerInstallation] = []

    def make(name: str = "office", **options: bool) -> ServerInstallation:
        made.append(ServerInstallation(tmp_path / name, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def desk(install: Callable[..., ServerInstallation]) -> Iterator[BrowserInstallation]:
    """A running installation with a taxi roof, a street screen and a browser that nothing may complain in."""
    office = install(campaigns=False)
    token = office.run_json("screens", "add", "taxi-0001", "--kind", "taxi-roof", "--panel", "taxi-192x64")["token"]
    office.run_json("screens", "add", "street-01", "--kind", "street", "--panel", "street-1920x1080")
    office.token = token
    office.start()
    with open_chromium() as browser:
        found = BrowserInstallation(office, browser)
        yield found
    assert found.complaints == []
