"""Names of screens, users and kinds on pages: the name first, the id second and small."""

from flask import g
from markupsafe import Markup

from signage.model.screen import Screen
from signage.services.users import accounts
from signage.web.request_context import get_app_context


def format_named(name: str | None, object_id: str) -> Markup:
    """Format a name followed by its id; the id alone where there is no name."""
    if not name or name == object_id:
        return Markup("{}").format(object_id)
    return Markup('{} <span class="muted small">{}</span>').format(name, object_id)


def format_screen(screen: Screen) -> Markup:
    """Format the name and the id of a screen."""
    return format_named(screen.name, screen.id)


def format_person(user_id: str) -> Markup:
    """Format the name and the id of a user; other actors (the system, a folder) have an id alone."""
    if "user_names" not in g:
        g.user_names = {account.user.id: account.user.name for account in accounts.list_accounts(get_app_context())}
    return format_named(g.user_names.get(user_id), user_id)


def get_kind_label(kind: str) -> str:
    """Return the label of a kind of screens; its id where it has none."""
    return get_app_context().kind_labels.get(kind, kind)
