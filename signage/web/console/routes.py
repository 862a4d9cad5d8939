"""The table of all console pages."""

from signage.web.console.framework.registry import PageGroup
from signage.web.console.pages import consents, incidents, language_switch, settings, takeovers, today
from signage.web.console.pages.campaigns import approvals, campaign_editor, campaigns
from signage.web.console.pages.campaigns.steps import quick, steps
from signage.web.console.pages.evidence import logs, reports
from signage.web.console.pages.library import clips, previews, slogans
from signage.web.console.pages.screens import bulk_screens, explain, pairing, screens
from signage.web.console.pages.users import account, login, passkeys, second_factor, tokens, users

PAGES: tuple[PageGroup, ...] = (
    language_switch.home,
    language_switch.pages,
    login.pages,
    second_factor.pages,
    account.pages,
    passkeys.pages,
    tokens.pages,
    users.pages,
    settings.pages,
    today.pages,
    explain.pages,
    screens.pages,
    bulk_screens.pages,
    takeovers.pages,
    previews.pages,
    slogans.pages,
    clips.pages,
    campaigns.pages,
    campaign_editor.pages,
    steps.pages,
    quick.pages,
    approvals.pages,
    consents.pages,
    logs.pages,
    pairing.pages,
    incidents.pages,
    reports.pages,
)
