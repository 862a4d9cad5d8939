"""The menu: what stands in it, in which order. An entry shows for those whom its page lets in."""

from dataclasses import dataclass
from typing import Literal

from signage.web.console.framework.i18n import N_


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """A line of the menu: the endpoint of its page, its text (English), its icon (``static/icons``)."""

    endpoint: str
    text: str
    icon: str
    section: Literal["work", "house"] = "work"


MENU = (
    MenuEntry("today.show", N_("Today"), "today"),
    MenuEntry("library.list", N_("Library"), "library"),
    MenuEntry("campaigns.list", N_("Campaigns"), "campaigns"),
    MenuEntry("approvals.list", N_("Approvals"), "approvals"),
    MenuEntry("screens.list", N_("Screens"), "screens"),
    MenuEntry("takeover.show", N_("Takeover"), "takeover"),
    MenuEntry("incidents.list", N_("Incidents"), "incidents"),
    MenuEntry("log.list", N_("Log"), "log"),
    MenuEntry("users.list", N_("People"), "people", "house"),
    MenuEntry("settings.show", N_("Settings"), "settings", "house"),
)
