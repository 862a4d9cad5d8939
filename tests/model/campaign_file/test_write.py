"""Written campaign files read back equal."""

from hypothesis import HealthCheck, given, settings

from signage.model.campaign import Campaign
from signage.model.campaign_file.read import check_campaign_file
from signage.model.campaign_file.write import format_campaign_file
from tests.support.campaign_strategies import campaigns


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(campaigns())
def test_a_written_campaign_reads_back_equal(campaign: Campaign) -> None:
    written = format_campaign_file(campaign)
    examined = check_campaign_file(f"playlists/{campaign.id}.toml", written)
    assert examined.campaign == campaign, (examined.faults, written)
    assert format_campaign_file(examined.campaign) == written
