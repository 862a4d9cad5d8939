"""The menu: what stands in it, in which order. An entry shows for those whom its page lets in."""

from dataclasses import dataclass
from typing import Literal

from signage.web.console.framework.i18n import N_


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the menu: the endpoint of its page, its text (English), its icon (``static/icons``)."""

    endpoint: str
    text: str
    icon: str
    part: Literal["work", "house"] = "work"


MENU = (
    Entry("today.show", N_("Today"), "today"),
    Entry("library.list", N_("Library"), "library"),
    Entry("campaigns.list", N_("Campaigns"), "campaigns"),
    Entry("approvals.list", N_("Approvals"), "approvals"),
    Entry("screens.list", N_("Screens"), "screens"),
    Entry("takeover.show", N_("Takeover"), "takeover"),
    Entry("incidents.list", N_("Incidents"), "incidents"),
    Entry("log.list", N_("Log"), "log"),
    Entry("users.list", N_("People"), "people", "house"),
    Entry("settings.show", N_("Settings"), "settings", "house"),
)
