"""The table of all API operations."""

from signage.web.api.framework.operations import ApiOperation
from signage.web.api.resources import consents, incidents, takeovers
from signage.web.api.resources.campaigns import approvals, campaigns, simulations
from signage.web.api.resources.evidence import audit, plays, reports
from signage.web.api.resources.library import clips, slogans, text_previews, uploads
from signage.web.api.resources.screens import bulk_screens, explain, now_playing, screens
from signage.web.api.resources.users import tokens, users

OPERATIONS: tuple[ApiOperation, ...] = tuple(
    operation
    for resource in (
        screens.api,
        bulk_screens.api,
        explain.api,
        campaigns.api,
        simulations.api,
        slogans.api,
        text_previews.api,
        clips.api,
        uploads.api,
        approvals.api,
        takeovers.api,
        consents.api,
        incidents.api,
        plays.api,
        audit.api,
        reports.api,
        users.api,
        tokens.api,
        now_playing.api,
    )
    for operation in resource.operations
)
