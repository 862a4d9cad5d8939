"""Benchmark: pages of the console and lists of the API, over a database of any size.

The application is the real one, called without a network; every page is requested once before it is measured.
"""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from werkzeug.test import Client

from signage.bench.support.installation import ITEMS_PER_CAMPAIGN, fill_installation
from signage.bench.support.result_rows import create_row, measure_best_s
from signage.config import Config, load_config
from signage.library.service import Library
from signage.model.users import SYSTEM_ACTOR
from signage.publish.load_snapshot import ScheduleRules
from signage.publish.playlist_cache import PlaylistCache
from signage.services.bootstrap import open_app_context
from signage.services.context import AppContext
from signage.services.users import accounts as accounts
from signage.services.users import api_tokens, sessions
from signage.web.app import create_app
from signage.web.security import cookies_csrf as browser
from signage.worker import create_web_dependencies

GOAL_MS = 100.0
PAGE_PATHS = """
    today today?search=taxi-0000 wall.json?ids=taxi-000001 screens screens?search=taxi-0000 screens?group=group-07
    screens?heard=silent screens?cursor=taxi-05 screens/taxi-000001 screens/taxi-000001/edit screens/taxi-000001/why
    screens/-/new screens/-/import screens/-/pair campaigns campaigns?search=9 campaigns?archive=1 campaigns/c-00001
    campaigns/c-00001/edit campaigns/c-00001/copy campaigns/c-00001/rehearse campaigns/c-00001/report
    campaigns/c-00001/report/page
    campaigns/-/new campaigns/-/import approvals approvals?column=live approvals/c-00000 approvals/-/wording
    takeover takeover/{takeover} takeover/{takeover}/receipt.json takeover/reach.json?screens=*
    takeover/reach.json?screens=group:group-0* library library?search=9 library/clips library/clips?search=9
    library/clips/{clip} library/slogans/1 library/slogans/-/new library/slogans/-/many incidents incidents?all=1
    incidents?screen=taxi-000001 incidents/1 incidents/-/new log/entries?who=li log/entries?cursor=1000
    log/entries?verb=clip.add log/entries?object=taxi-000001 log/plays log/plays?screen=taxi-000001
    log/plays?item=c-00001/s1 log/plays?result=cut settings users users/boss users/add tokens tokens/add account
    preview.json?panel=taxi-192x64&text=和谐社会 today?cursor=taxi-05
"""
API_PATHS = """
    screens screens?group=group-07 screens?cursor=taxi-05 screens/taxi-000001 screens/taxi-000001/why
    screens/taxi-000001/gaps wall wall?limit=500 campaigns campaigns/c-00001 campaigns/c-00001/versions
    campaigns/c-00001/file campaigns/c-00001/rehearsal campaigns?cursor=c-00500 approvals
    preview?panel=taxi-192x64&text=和谐社会 approvals?state=live approvals/c-00000 reports takeovers
    takeovers/{takeover} takeovers/{takeover}/receipt takeovers/{takeover}/receipt?limit=500 incidents
    incidents?open=true incidents/1 plays?screen=taxi-000001 plays?item=c-00001/s1 plays?result=cut audit
    audit?verb=clip.add audit?object=taxi-000001 slogans slogans?search=9 slogans/1 clips clips?search=9
    clips/{clip} clips/{clip}/uses users users/boss tokens wording
"""
_GetPath = Callable[[str], None]


def run(screens: int = 1000, campaigns: int = 100, plays: int = 10_000) -> list[dict[str, Any]]:
    """Return a row for each page and for each list of the API."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "config.toml").write_text("", "utf-8")
        (folder / "playlists").mkdir()
        config = load_config(folder / "config.toml")
        library = Library.from_settings(config)
        app_context = open_app_context(config, library=library)
        playlist_cache = PlaylistCache(app_context.store)
        takeover = fill_installation(
            app_context, ScheduleRules(config.schedule_settings, config.calendars), screens, campaigns, plays
        )
        playlist_cache.refresh()
        description = f"{screens:,} screens, {campaigns * ITEMS_PER_CAMPAIGN:,} items, {plays:,} plays: "
        rows = list(
            _measure_pages(*_create_clients(config, app_context, library, playlist_cache), description, takeover)
        )
        app_context.store.close()
    return rows


def _measure_pages(page: _GetPath, ask: _GetPath, description: str, takeover: str) -> Iterator[dict[str, Any]]:
    for folder, get, paths in (("/console/", page, PAGE_PATHS), ("/api/v1/", ask, API_PATHS)):
        for path_template in paths.split():
            path = folder + path_template.format(takeover=takeover, clip=f"{1:064x}")
            yield _measure_page(description + folder + path_template, get, path)


def _measure_page(description: str, get: _GetPath, path: str) -> dict[str, Any]:
    get(path)
    return create_row("console", description, measure_best_s(5, lambda: get(path)) * 1000, "ms", goal=GOAL_MS)


def _create_clients(
    config: Config, app_context: AppContext, library: Library, playlist_cache: PlaylistCache
) -> tuple[_GetPath, _GetPath]:
    """Create clients of a user with nearly all roles: a browser and an API program."""
    app = create_app(create_web_dependencies(config, app_context, library, playlist_cache))
    accounts.create_user(app_context, SYSTEM_ACTOR, "boss", ("operator", "approver", "admin", "duty"))
    account = accounts.find_account(app_context, "boss")
    assert account is not None
    client, program = Client(app), Client(app)
    secret = sessions.start_session(app_context, config.session, account.user, "full", "127.0.0.1", "bench")
    client.set_cookie(browser.SESSION_COOKIE, secret)
    token = api_tokens.create_token(app_context, accounts.create_actor(account.user, "console"), "boss")

    def page(path: str) -> None:
        _check_answer(client.get(path), path)

    def ask(path: str) -> None:
        _check_answer(program.get(path, headers={"Authorization": f"Bearer {token}"}), path)

    return page, ask


def _check_answer(answer: Any, path: str) -> None:
    body = answer.get_data()
    if answer.status_code != 200:
        raise RuntimeError(f"{path}: {answer.status_code} {body[:300]!r}")
