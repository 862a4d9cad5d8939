"""The table of all API operations."""

from signage.web.api.framework.operations import ApiOperation
from signage.web.api.resources import incidents, takeovers
from signage.web.api.resources.campaigns import approvals, campaigns
from signage.web.api.resources.campaigns import simulations as rehearsals
from signage.web.api.resources.evidence import audit, plays, reports
from signage.web.api.resources.library import clips, slogans, uploads
from signage.web.api.resources.library import text_previews as texts
from signage.web.api.resources.screens import bulk_screens as fleet
from signage.web.api.resources.screens import explain as why
from signage.web.api.resources.screens import now_playing as wall
from signage.web.api.resources.screens import screens
from signage.web.api.resources.users import tokens, users

OPERATIONS: tuple[ApiOperation, ...] = tuple(
    operation
    for resource in (
        screens.api,
        fleet.api,
        why.api,
        campaigns.api,
        rehearsals.api,
        slogans.api,
        texts.api,
        clips.api,
        uploads.api,
        approvals.api,
        takeovers.api,
        incidents.api,
        plays.api,
        audit.api,
        reports.api,
        users.api,
        tokens.api,
        wall.api,
    )
    for operation in resource.operations
)
