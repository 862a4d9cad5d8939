"""Plays are listed in pages, and no page reads more of them than its limit."""

from signage.store.plays import play_browsing, plays


def make_play(number, received_ms, result="completed"):
    return plays.ReceivedPlay(
        *(number, "315-2021/a", "0" * 64, 1, "2021-03-15T08:00:00+08:00", 1000, result),
        started_ms=1000 * number,
        received_ms=received_ms,
    )


def test_a_rare_result_is_listed_on_a_later_page(store, monkeypatch):
    monkeypatch.setattr(play_browsing, "MAX_PLAYS", 5)
    with store.write() as connection:
        run = plays.get_or_create_run(connection, "taxi-0001", "r", 0)
        for batch in range(5):
            numbers = range(10 * batch, 10 * batch + 10)
            plays.add_plays(connection, run, [make_play(n, batch, "cut" if n == 3 else "completed") for n in numbers])
    numbers, pages, after = [], 0, None
    with store.read() as connection:
        while True:
            page = play_browsing.list_newest_plays(connection, result="cut", after=after)
            numbers += [play.seq for _, play in page.plays]
            pages, after = pages + 1, page.next_cursor
            if after is None:
                break
    assert (numbers, pages) == ([3], 5)
