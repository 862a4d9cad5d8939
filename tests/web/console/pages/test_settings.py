"""The settings page describes every setting in the reader's language; keys of the file are under "Advanced"."""

import re

from signage.config import SETTINGS
from signage.web.settings import SettingView
from tests.support.console import InMemoryInstallation


def test_the_chinese_page_shows_keys_under_advanced_alone(tmp_path):
    installation = InMemoryInstallation(tmp_path)
    settings = tuple(SettingView(s.table, s.key, "1", "0", s.help) for s in SETTINGS)
    installation.override_services(settings=settings)
    try:
        page = installation.create_user("boss", "admin").get("/console/settings").text
    finally:
        installation.close()
    main = re.sub(r"<details>.*?</details>", "", page.partition("<main")[2], flags=re.S)
    assert "当前生效的设置" in main and "config.toml" not in main
    assert len(re.findall(r"<tr><th scope=.row", main)) >= len(SETTINGS)
    assert [s.key for s in SETTINGS if f"<code>{s.key}</code>" in main or s.help in main] == []
    assert 'lang="en"' not in main
