"""Names of screens, users and kinds on pages: the name first, the id second and small."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.console import InMemoryInstallation

FIELDS = {"panel": "taxi-192x64", "kind": "taxi-roof", "timezone": "Asia/Shanghai"}


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[InMemoryInstallation]:
    made = InMemoryInstallation(tmp_path)
    yield made
    made.close()


def test_a_screen_is_listed_by_its_name_with_its_id_small(installation):
    admin = installation.create_user("boss", "admin", "operator", "duty")
    added = admin.post("/console/screens/-/new", id="roof-9", name="人民路口", address="人民路 1 号", **FIELDS)
    assert added.status_code == 200
    for path in ("screens", "today"):
        assert '人民路口 <span class="muted small">roof-9</span>' in admin.get(f"/console/{path}").text, path
    page = admin.get("/console/screens/roof-9").text
    assert "<h1>人民路口</h1>" in page and "人民路 1 号" in page
    assert 'value="人民路口"' in admin.get("/console/screens/roof-9/edit").text
    assert admin.post("/console/screens/roof-9/edit", name="", address="", **FIELDS).status_code == 303
    assert "<h1>roof-9</h1>" in admin.get("/console/screens/roof-9").text


def test_a_user_is_listed_by_name_and_keeps_it(installation):
    admin = installation.create_user("boss", "admin")
    assert "/console/link/" in admin.post("/console/users/add", id="wu", name="吴 明", roles="approver").text
    assert '吴 明 <span class="muted small">wu</span>' in admin.get("/console/users").text
    assert admin.post("/console/users/wu", roles="duty").status_code == 303
    assert "<h1>吴 明</h1>" in admin.get("/console/users/wu").text
    refused = admin.post("/console/users/wu", roles="duty", name="吴" * 61)
    assert refused.status_code == 422 and 'id="field-name"' in refused.text


def test_markup_in_a_name_is_text(installation):
    admin = installation.create_user("boss", "admin")
    admin.post("/console/screens/-/new", id="roof-9", name="<b>x</b>", **FIELDS)
    assert "&lt;b&gt;x&lt;/b&gt;" in admin.get("/console/screens").text


def test_a_takeover_of_an_unknown_target_offers_the_nearest(installation):
    admin = installation.create_user("boss", "admin", "duty")
    admin.post("/console/screens/-/new", id="roof-9", **FIELDS)
    fields = {"what": "text", "text": "台风", "why": "演练", "minutes": "10"}
    page = admin.post("/console/takeover/check", screens="出租车", **fields)
    assert page.status_code == 422 and "没有名为“出租车”的屏、分组或标签" in page.text
    assert 'data-word="kind:taxi-roof" data-replaces="出租车">出租车顶屏</button>' in page.text
    assert "排除" not in page.text.split("<form")[0]
