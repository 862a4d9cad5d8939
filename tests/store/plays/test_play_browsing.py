"""Plays are looked through a page at a time; no page looks at more of them than it may."""

from signage.store.engine import Store
from signage.store.migrate import migrate_database
from signage.store.plays import play_browsing as play_lists
from signage.store.plays import plays


def sent(number, result="completed"):
    return plays.ReceivedPlay(
        number, "315-2021/a", "0" * 64, 1, "2021-03-15T08:00:00+08:00", 1000 * number, 1000, result
    )


def test_what_is_rare_is_found_some_pages_on(tmp_path, monkeypatch):
    monkeypatch.setattr(play_lists, "MAX_PLAYS", 5)
    store = Store(tmp_path / "signage.db")
    migrate_database(store)
    with store.write() as connection:
        run = plays.get_or_create_run(connection, "taxi-0001", "r", 0)
        for batch in range(5):
            numbers = range(10 * batch, 10 * batch + 10)
            plays.add_plays(connection, run, [sent(n, "cut" if n == 3 else "completed") for n in numbers], batch)
    found, pages, after = [], 0, None
    with store.read() as connection:
        while True:
            page = play_lists.list_newest_plays(connection, result="cut", after=after)
            found += [play.seq for _, play in page.plays]
            pages, after = pages + 1, page.next_cursor
            if after is None:
                break
    store.close()
    assert (found, pages) == ([3], 5)
