import io
import re
from datetime import date

import docx
import pytest
from PIL import Image

from signage.model.users import make_cli_actor
from signage.services.evidence.reports import create_report
from tests.support.console import InMemoryInstallation
from tests.support.played_campaign import play_campaign


@pytest.mark.slow
def test_the_campaign_that_ships_is_reported_with_pictures_of_what_was_shown(tmp_path):
    played = play_campaign(tmp_path / "office", first=date(2021, 3, 15), days=1, every=8)
    table = {}
    for ending in ("docx", "xlsx", "pdf", "csv"):
        path = tmp_path / f"r.{ending}"
        table[ending] = create_report(
            played.office, make_cli_actor("wang"), "315-2021", path, played.forecasts, "en"
        ).list_item_rows()
    assert len({str(rows) for rows in table.values()}) == 1
    _page_agrees(
        InMemoryInstallation.create_over(tmp_path / "console", played.office, played.library, played.rules),
        table["csv"],
    )
    document_ = docx.Document(str(tmp_path / "r.docx"))
    assert len(document_.inline_shapes) == 13 + 2  # ten slogans, three films, two charts
    (trouble,) = [one for one in document_.tables if one.cell(0, 0).text == "no."]
    assert [cell.text for cell in trouble.rows[1].cells][1:3] == ["03-15 09:12", "street-0002"]


def _page_agrees(house, table):
    """The console's page has the same rows, with charts and pictures."""
    wang = house.create_user("wang", "auditor")
    page = wang.get("/console/campaigns/315-2021/report/whole").text
    (listed,) = re.findall(r'<table data-table="items">.*?<tbody>(.*?)</tbody>', page, re.S)
    rows = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in listed.split("</tr>") if row]
    assert rows == [[f"{cell:,}" if isinstance(cell, int | float) else cell for cell in row] for row in table]
    assert page.count('<figure class="bars">') == 2
    pictures = re.findall(r'<img src="(/console/campaigns/315-2021/report/picture/\w+)"', page)
    assert len(pictures) == 13
    for address in pictures:
        Image.open(io.BytesIO(wang.get(address).data)).verify()
    for unknown in ("0" * 64, "0", "..%2f..%2fsignage.db"):
        assert wang.get(f"/console/campaigns/315-2021/report/picture/{unknown}").status_code == 404
