"""All pages, subject by subject."""

from signage.web.console import (
    account,
    clips,
    fleet,
    library,
    login,
    preview,
    screens,
    second,
    settings,
    switch,
    takeover,
    today,
    tokens,
    users,
    why,
)
from signage.web.console.pages import Pages

PAGES: tuple[Pages, ...] = (
    switch.home,
    switch.pages,
    login.pages,
    second.pages,
    account.pages,
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
)
