"""All operations, resource by resource."""

from signage.web.api import (
    approvals,
    audit,
    campaigns,
    clips,
    fleet,
    incidents,
    plays,
    rehearsals,
    reports,
    screens,
    slogans,
    takeovers,
    texts,
    tokens,
    uploads,
    users,
    wall,
    why,
)
from signage.web.api.operations import Operation

OPERATIONS: tuple[Operation, ...] = tuple(
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
    for operation in resource.table
)
