"""All operations, resource by resource."""

from signage.web.api import (
    approvals,
    audit,
    campaigns,
    clips,
    incidents,
    plays,
    rehearsals,
    reports,
    screens,
    slogans,
    takeovers,
    tokens,
    uploads,
    users,
    wall,
)
from signage.web.api.operations import Operation

OPERATIONS: tuple[Operation, ...] = tuple(
    operation
    for resource in (
        screens.api,
        campaigns.api,
        rehearsals.api,
        slogans.api,
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
    for operation in resource.table
)
