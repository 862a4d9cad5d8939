"""A server whose clock was wrong at its start and is then put right: nothing it sends stays at the old time."""

import time
from email.utils import parsedate_to_datetime

import pytest
import requests

from tests.e2e.test_clock_set_back import LIBRARIES
from tests.support.installation import wait_until


@pytest.mark.skipif(not LIBRARIES, reason="needs libfaketime to set a running server's clock")
@pytest.mark.timeout(300)
@pytest.mark.parametrize("hours", [8, -8])
def test_the_date_is_the_clock_of_now_after_every_step(install, monkeypatch, hours):
    office = install(campaigns=False)
    offset = office.folder / "offset"
    offset.write_text(f"{hours * 3600:+d}", "ascii")
    for name, value in {
        "LD_PRELOAD": str(LIBRARIES[0]),
        "FAKETIME_TIMESTAMP_FILE": str(offset),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }.items():
        monkeypatch.setenv(name, value)
    office.start()
    monkeypatch.delenv("LD_PRELOAD")

    def get_ages_s() -> list[float]:
        paths = ("/healthz", "/screen/v1/playlist.json", f"/media/{'0' * 64}.png", "/console/login", "/none")
        dates = [requests.get(office.url + path, timeout=10).headers["Date"] for path in paths]
        return [time.time() - parsedate_to_datetime(date).timestamp() for date in dates]

    assert all(abs(age + hours * 3600) < 60 for age in get_ages_s())
    offset.write_text("+0", "ascii")
    wait_until(lambda: all(abs(age) < 5 for age in get_ages_s()), "every date is of the new clock", office.read_log)
