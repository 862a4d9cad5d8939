"""A film's way through the console: sent, over the end of a log-in too, put in a campaign, watched, approved, shown."""

import hashlib
import os
import sqlite3
from pathlib import Path

import pytest

from tests.e2e.browser_installation import PASSWORD
from tests.support.installation import wait_until
from tests.web.browser import needs_browser
from tests.web.media_server import create_film

pytestmark = [needs_browser, pytest.mark.slow]
SECONDS = 3


def upload(page, path: Path) -> None:
    page.goto("/console/library/clips")
    page.set_input_files("input[type=file]", str(path))


def make_campaign(page, sha256: str) -> None:
    """A campaign with the film alone, submitted."""
    page.goto("/console/campaigns/-/new/full")
    page.fill("input[name=id]", "spring")
    page.fill("input[name=title]", "春季消费维权")
    page.fill("input[name=from]", "2020-01-01T00:00")
    page.fill("input[name=until]", "2099-01-01T00:00")
    page.select_option("select[name='item[1].sha256']", sha256)
    page.click("button[value=submit]")
    page.wait_for_selector("[data-passing]")


def watch(page) -> None:
    """Try to skip the film, which does not help; then see it to its end."""
    button = page.locator("[data-approve-button]")
    page.click("[data-watch]")
    wait_until(lambda: page.evaluate("document.querySelector('video.watched').currentTime > 0.3"), "the film plays")
    page.evaluate("document.querySelector('video.watched').currentTime = 2.9")
    page.wait_for_timeout(500)
    assert page.evaluate("document.querySelector('video.watched').currentTime") < 2
    assert button.is_disabled()
    wait_until(button.is_enabled, "the film was watched")


def test_a_film_from_its_file_to_the_screen(desk, tmp_path):
    path = tmp_path / "短片.mp4"
    path.write_bytes(create_film(SECONDS, (200, 30, 20), (384, 128)))
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    li, wu = desk.log_in_new_user("li", "operator"), desk.log_in_new_user("wu", "approver", phone=True)
    upload(li, path)
    li.wait_for_selector(".upload.good", timeout=60_000)
    make_campaign(li, sha256)
    wu.goto("/console/approvals/spring")
    watch(wu)
    wu.check("input[name=public_service]")
    wu.click("[data-approve-button]")
    wu.wait_for_selector("[data-passing]")

    def served() -> list[dict[str, object]]:
        items = desk.office.get_playlist(desk.office.token).json()["items"]
        return [item for name, item in items.items() if name.startswith("spring/")]

    wait_until(served, "the screen's document has it")
    (item,) = served()
    assert (item["kind"], item["duration_ms"]) == ("film", SECONDS * 1000)
    assert any(one["type"] == "video/mp4" for one in item["media"])


def end_sessions(folder: Path) -> None:
    with sqlite3.connect(folder / "var" / "signage.db", timeout=30) as connection:
        connection.execute("DELETE FROM sessions")
    connection.close()


def log_in(page, name: str) -> None:
    page.goto("/console/login")
    page.fill("input[name=user]", name)
    page.fill("input[name=password]", PASSWORD)
    page.click("main button.primary")
    page.wait_for_url("**/console/today")


def test_an_upload_goes_on_after_the_log_in_that_follows_its_sessions_end(desk, tmp_path):
    path = tmp_path / "长片.mp4"
    some = os.urandom(20 << 20)
    path.write_bytes(create_film(1, (20, 30, 200)) + (len(some) + 8).to_bytes(4, "big") + b"free" + some)
    li = desk.log_in_new_user("li", "operator")
    line = li.context.new_cdp_session(li)
    line.send("Network.enable")
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 6 << 20}
    line.send("Network.emulateNetworkConditions", slow)
    upload(li, path)
    li.wait_for_selector(".upload")
    wait_until(lambda: li.evaluate("document.querySelector('.upload progress').value > 0.1"), "a part of it is sent")
    end_sessions(desk.office.folder)
    over = li.get_attribute("[data-uploads]", "data-login")
    wait_until(lambda: li.inner_text(".upload-state") == over, "the page tells that the log-in is over")
    log_in(li.context.new_page(), "li")
    li.wait_for_selector(".upload.good", timeout=60_000)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    assert li.get_attribute(".upload.good a", "href").endswith(sha256)
    sealed = next(desk.office.folder.glob(f"var/library/sealed/**/{sha256}*"))
    assert hashlib.sha256(sealed.read_bytes()).hexdigest() == sha256
