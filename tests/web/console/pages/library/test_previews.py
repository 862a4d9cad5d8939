"""Text previews."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.console import InMemoryInstallation


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[InMemoryInstallation]:
    made = InMemoryInstallation(tmp_path)
    yield made
    made.close()


def test_previews_say_how_each_panel_shows_a_text(installation):
    li = installation.create_user("li", "operator")
    told = li.get("/console/preview.json?text=和谐社会&panel=taxi-192x64&panel=none").json
    assert [one["panel"] for one in told["panels"]] == ["taxi-192x64"]
    assert li.get(told["panels"][0]["item"]["href"]).data.startswith(b"\x89PNG")
