"""What is written reads back equal."""

from hypothesis import HealthCheck, given, settings

from signage.model.campaign import Campaign
from signage.model.campaign_file.read import examine
from signage.model.campaign_file.write import write
from tests.support.campaigns import campaigns


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(campaigns())
def test_a_written_campaign_reads_back_equal(campaign: Campaign) -> None:
    written = write(campaign)
    examined = examine(f"playlists/{campaign.id}.toml", written)
    assert examined.campaign == campaign, (examined.faults, written)
    assert write(examined.campaign) == written
