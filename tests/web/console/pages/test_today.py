"""The first page."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.console import InMemoryInstallation


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[InMemoryInstallation]:
    made = InMemoryInstallation(tmp_path)
    yield made
    made.close()


def test_an_empty_office_says_what_to_do_next(installation):
    admin = installation.create_user("boss", "admin", "operator", "approver", "duty")
    for path in ("today", "screens", "library", "library/clips", "campaigns", "approvals", "log/plays", "incidents"):
        answer = admin.get(f"/console/{path}")
        assert answer.status_code == 200, path
        assert 'class="empty"' in answer.text, path
