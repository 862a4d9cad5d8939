"""An auditor's day, in a browser: reads the log, takes away plays, report and bundle, and is offered no change."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from signage.evidence.bundle import verifier
from signage.evidence.play_ingest import PlayIngest
from signage.protocol.plays import OPTIONAL_FIELDS
from signage.services.evidence.bundle_export import export_bundle
from signage.services.users import accounts as people
from signage.web.security.cookies_csrf import LANGUAGE_COOKIE
from tests.evidence.builders import create_body, create_play
from tests.support.console import InMemoryInstallation
from tests.support.populated_installation import STREET, PopulatedInstallation
from tests.web.console.browser_session import BrowserSession, needs_browser, serve_in_browser


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_details_of_a_play_are_shown_by_translated_names(tmp_path, language):
    installation = InMemoryInstallation(tmp_path)
    auditor = installation.create_user("shen", "auditor")
    details = {"area": "北城", "cell": "r12-c7", "fix_age_s": 2.5, "live_ms": 6000, "fallback_ms": 2000}
    assert tuple(details) == OPTIONAL_FIELDS
    ingest = PlayIngest(installation.office.store, installation.clock)
    ingest.submit("taxi-0001", create_body(create_play(1, **details, result="preempted")))
    ingest.close()
    auditor.browser.set_cookie(LANGUAGE_COOKIE, language)
    page = auditor.get("/console/log/plays").text
    for value in details.values():
        assert f": {value}</span>" in page
    assert not any(f"{name}:" in page for name in details)
    assert ("<td>preempted</td>" in page) == (language == "en")


@pytest.fixture
def populated(tmp_path: Path) -> Iterator[PopulatedInstallation]:
    made = PopulatedInstallation(tmp_path / "office")
    yield made
    made.close()


def taken(page, link) -> list[list[str]]:
    """The rows of the spreadsheet that *link* hands out."""
    with page.expect_download() as download:
        link.click()
    return list(csv.reader(io.StringIO(Path(download.value.path()).read_text("utf-8-sig"))))


@needs_browser
def test_an_auditor_reads_and_takes_away_and_changes_nothing(populated, tmp_path):
    auditor = populated.installation.create_user("shen", "auditor")
    with serve_in_browser(populated.installation) as (browser, port):
        one = BrowserSession(browser, populated.installation, port, language="en").log_in_as(auditor)
        page = one.page
        one.open("/console/log/entries")
        page.get_by_label("Action").fill("campaign.*")
        page.get_by_role("button", name="Search").click()
        page.wait_for_url("**verb=campaign*")
        shown = page.locator(".entries code:first-of-type").all_inner_texts()
        assert {"campaign.save", "campaign.approve", "campaign.return"} <= set(shown)
        rows = taken(page, page.get_by_role("link", name="CSV"))
        assert {row[3] for row in rows[1:]} >= {"campaign.approve"}
        assert all(row[3].startswith("campaign.") for row in rows[1:])

        one.open(f"/console/log/plays?screen={STREET}")
        rows = taken(page, page.get_by_role("link", name="CSV"))
        assert any("running/film" in row for row in rows)

        one.open("/console/campaigns/running/report")
        page.get_by_role("link", name="Show here").click()
        page.wait_for_selector("article.report")
        assert "守护安全 畅通消费" in page.inner_text("main")
        one.open("/console/campaigns/running/report")
        assert len(taken(page, page.get_by_role("button", name="CSV"))) > 3

        one.open("/console/campaigns/review")
        assert page.locator("main form[method=post]").count() == 0
        assert page.get_by_role("link", name="Edit").count() == 0
        one.open("/console/takeover")
        assert page.locator("main button").count() == 0
        assert one.complaints == []
    begin, end = datetime(2021, 3, 1, tzinfo=UTC), datetime(2021, 4, 1, tzinfo=UTC)
    actor = people.create_actor(auditor.person, "command")
    export_bundle(populated.office, actor, tmp_path / "bundle", begin, end, None)
    assert verifier.verify_bundle(str(tmp_path / "bundle")).entry_count > len(rows)
