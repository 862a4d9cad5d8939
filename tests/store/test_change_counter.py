from signage.store import change_counter


def test_each_topic_has_the_number_of_its_last_change(store):
    with store.write() as connection:
        change_counter.increment(connection, "screens")
        change_counter.increment(connection, "campaigns", "clips")
    with store.read() as connection:
        assert change_counter.get_current(connection) == 2
        assert change_counter.get_counters(connection) == {"screens": 1, "campaigns": 2, "clips": 2}
