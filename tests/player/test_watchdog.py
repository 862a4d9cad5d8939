"""The watchdog ends a player whose playback hangs."""

from signage.player.watchdog import Watchdog, notify_service_manager


def test_a_hanging_playback_ends_the_player():
    now, beat, ended = [0.0], [0.0], []
    dog = Watchdog(lambda: beat[0], lambda: now[0], 30, lambda: ended.append(now[0]))
    now[0] = 29
    assert dog.check() and not ended
    beat[0] = 29
    now[0] = 58
    assert dog.check()
    now[0] = 60
    assert not dog.check() and ended == [60]


def test_without_a_service_manager_no_notification_is_sent():
    assert not notify_service_manager("READY=1", "")
    assert not notify_service_manager("READY=1", "/nowhere/at/all")
