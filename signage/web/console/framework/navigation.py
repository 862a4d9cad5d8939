"""The main menu. An entry is shown to those who have the permission of its page."""

from dataclasses import dataclass
from typing import Literal

from signage.web.console.framework.i18n import N_


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """A menu entry: its page's endpoint, its text (English), its icon (``static/icons``)."""

    endpoint: str
    text: str
    icon: str
    section: Literal["work", "house"] = "work"


MENU = (
    MenuEntry("today.show", N_("Today"), "today"),
    MenuEntry("campaigns.list", N_("Campaigns"), "campaigns"),
    MenuEntry("library.list", N_("Library"), "library"),
    MenuEntry("approvals.list", N_("Approvals"), "approvals"),
    MenuEntry("screens.list", N_("Screens"), "screens"),
    MenuEntry("takeover.show", N_("Takeover"), "takeover"),
    MenuEntry("incidents.list", N_("Incidents"), "incidents"),
    MenuEntry("log.list", N_("Log"), "log"),
    MenuEntry("users.list", N_("People"), "people", "house"),
    MenuEntry("settings.show", N_("Settings"), "settings", "house"),
)
