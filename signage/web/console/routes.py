"""The table of all console pages."""

from signage.web.console.framework.registry import PageGroup
from signage.web.console.pages import incidents, settings, today
from signage.web.console.pages import language_switch as switch
from signage.web.console.pages import takeovers as takeover
from signage.web.console.pages.campaigns import approvals, campaigns
from signage.web.console.pages.campaigns import campaign_editor as editing
from signage.web.console.pages.evidence import logs as log
from signage.web.console.pages.evidence import reports
from signage.web.console.pages.library import clips
from signage.web.console.pages.library import previews as preview
from signage.web.console.pages.library import slogans as library
from signage.web.console.pages.screens import bulk_screens as fleet
from signage.web.console.pages.screens import explain as why
from signage.web.console.pages.screens import pairing, screens
from signage.web.console.pages.users import account, login, passkeys, tokens, users
from signage.web.console.pages.users import second_factor as second

PAGES: tuple[PageGroup, ...] = (
    switch.home,
    switch.pages,
    login.pages,
    second.pages,
    account.pages,
    passkeys.pages,
    tokens.pages,
    users.pages,
    settings.pages,
    today.pages,
    why.pages,
    screens.pages,
    fleet.pages,
    takeover.pages,
    preview.pages,
    library.pages,
    clips.pages,
    campaigns.pages,
    editing.pages,
    approvals.pages,
    log.pages,
    pairing.pages,
    incidents.pages,
    reports.pages,
)
