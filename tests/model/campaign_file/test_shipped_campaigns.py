"""The shipped campaigns: the ten slogans literally and in order, three films, and content on any day."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from signage.model.campaign import Campaign
from signage.model.campaign_file.partial_campaign import FileCheckContext
from signage.model.campaign_file.read import check_campaign_file

ROOT = Path(__file__).resolve().parents[3]
SLOGANS = (
    "2021年消费维权年主题：守护安全 畅通消费",
    "和谐社会 文明消费",
    "保护消费者的合法权益是全社会共同责任",
    "维护消费者权益，构建社会主义和谐社会",
    "保障消费安全 提振消费信心",
    "诚实守信是企业的社会责任",
    "服务民生 服务消费者 服务社会和谐",
    "改善民生 促进消费 推进发展",
    "化解消费纠纷 促进社会和谐",
    "搞好消费教育 提高消费者素质",
)


def shipped(name: str) -> Campaign:
    path = ROOT / "playlists" / f"{name}.toml"
    context = FileCheckContext(file_state=lambda file: "there" if (ROOT / file).is_file() else "missing")
    examined = check_campaign_file(path, path.read_bytes(), context)
    assert examined.faults == ()
    assert examined.campaign is not None
    return examined.campaign


@pytest.mark.parametrize("name", ["315-2021", "everyday"])
def test_ten_slogans_in_order_on_taxi_roofs(name: str) -> None:
    campaign = shipped(name)
    slogans = [item for item in campaign.items if item.text is not None]
    assert tuple(item.text for item in slogans) == SLOGANS
    roof = next(placement for placement in campaign.placements if placement.screens == ("kind:taxi-roof",))
    assert (roof.items, roof.order) == (("slogan-*",), "listed")


@pytest.mark.parametrize("name", ["315-2021", "everyday"])
def test_three_films_with_slogans_between_them_on_street_screens(name: str) -> None:
    campaign = shipped(name)
    films = [item.file for item in campaign.items if item.id.startswith("film-")]
    assert films == ["assets/rights.mp4", "assets/12315.mp4", "assets/public.mp4"]
    street = {placement.items[0] for placement in campaign.placements if placement.screens == ("kind:street",)}
    assert street == {"film-*", "slogan-*"}


def test_the_3_15_campaign_has_its_window_and_its_deadline() -> None:
    campaign = shipped("315-2021")
    assert campaign.starts_at == datetime(2021, 3, 9, 16, tzinfo=UTC)
    assert campaign.ends_at == datetime(2021, 3, 18, 16, tzinfo=UTC)
    assert campaign.report_due == datetime(2021, 3, 18, 18)  # noqa: DTZ001
    assert [daypart.id for daypart in campaign.dayparts] == ["daytime", "evening"]


def test_the_everyday_campaign_yields_to_all_others() -> None:
    everyday = shipped("everyday")
    assert everyday.priority < shipped("315-2021").priority
    assert everyday.priority < 0
    assert everyday.starts_at < datetime(2021, 3, 9, tzinfo=UTC)
    assert everyday.ends_at > datetime(2099, 12, 30, tzinfo=UTC)
