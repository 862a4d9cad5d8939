"""Real installations for tests from outside."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.desk import Desk
from tests.support.running import Installation
from tests.web.browser import chromium


@pytest.fixture
def install(tmp_path: Path) -> Iterator[Callable[..., Installation]]:
    """Makes installations; ends their servers when the test is over."""
    made: list[Installation] = []

    def make(name: str = "office", **options: bool) -> Installation:
        made.append(Installation(tmp_path / name, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def desk(install: Callable[..., Installation]) -> Iterator[Desk]:
    """A running installation with a taxi roof, a street screen and a browser that nothing may complain in."""
    office = install(campaigns=False)
    token = office.json("screens", "add", "taxi-0001", "--kind", "taxi-roof", "--panel", "taxi-192x64")["token"]
    office.json("screens", "add", "street-01", "--kind", "street", "--panel", "street-1920x1080")
    office.token = token
    office.up()
    with chromium() as browser:
        found = Desk(office, browser)
        yield found
    assert found.complaints == []
