"""Reading bodies: how long one holds its place, and who gets one."""

import io
from contextlib import ExitStack

import pytest

from signage.web.http import body_places
from signage.web.http.body_places import BodyPlaces, BodyRate, BodySender
from signage.web.http.request_body import CHUNK_BYTES, BodyError, BodyReader

LI, WU = BodySender("user", "li"), BodySender("user", "wu")
SCREEN, STRANGER = BodySender("screen", "taxi-0001"), BodySender("anonymous", "192.0.2.1")


class FakeTime:
    """The monotonic clock of the module, set by hand."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def monotonic(self) -> float:
        return self.seconds


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> FakeTime:
    fake = FakeTime()
    monkeypatch.setattr(body_places, "time", fake)
    return fake


def create_environ(body: bytes, length: int | None = None) -> dict:
    length = len(body) if length is None else length
    return {"wsgi.input": io.BytesIO(body), "REMOTE_ADDR": "192.0.2.1", "CONTENT_LENGTH": str(length)}


def create_reader(total: int = 1, per_sender: int = 1) -> BodyReader:
    """One body at a time: a place that is not given back is seen by the next."""
    return BodyReader(BodyPlaces(total, per_sender, BodyRate(10, 1000)))


def test_a_second_body_waits_for_the_first():
    reader, body = create_reader(), bytes(2 * CHUNK_BYTES)
    with reader.open_chunks(create_environ(body), len(body), SCREEN) as chunks:
        next(chunks)
        assert not reader.places.has_place_for_screens()
        with pytest.raises(BodyError) as error:
            reader.read(create_environ(b"x"), 1, BodySender("screen", "taxi-0002"))
        assert error.value.status == 503


def test_a_whole_body_keeps_its_place_while_it_is_worked_on_but_counts_as_slow_no_more(time):
    reader, body = create_reader(), bytes(2 * CHUNK_BYTES)
    with reader.open_chunks(create_environ(body), len(body), LI) as chunks:
        assert next(chunks) + next(chunks) == body
        time.seconds += 300
        assert reader.places.list_slow_addresses() == set()
        with pytest.raises(BodyError):
            reader.read(create_environ(b"x"), 1, WU)
    assert reader.read(create_environ(b"x"), 1, WU) == b"x"


def test_a_reader_that_leaves_in_the_middle_gives_its_place_back():
    reader, body = create_reader(), bytes(3 * CHUNK_BYTES)
    references = []
    with pytest.raises(ZeroDivisionError), reader.open_chunks(create_environ(body), len(body), LI) as chunks:
        references.append(chunks)  # a reference that outlives the block must not matter
        next(chunks)
        raise ZeroDivisionError
    assert reader.read(create_environ(b"x"), 1, WU) == b"x"


def test_a_body_that_was_cut_off_gives_its_place_back():
    reader = create_reader()
    for _ in range(2):
        with pytest.raises(BodyError) as error:
            reader.read(create_environ(b"half", 8), 8, LI)
        assert error.value.status == 400


def test_a_place_is_free_after_its_deadline_whether_given_back_or_not(time):
    reader, body = create_reader(), bytes(2 * CHUNK_BYTES)
    with reader.open_chunks(create_environ(body), len(body), LI) as chunks:
        next(chunks)
        time.seconds += 11
        assert reader.places.list_slow_addresses() == {"192.0.2.1"}
        time.seconds += 10 + len(body) / 1000 + 16
        assert reader.places.has_place_for_screens()
        assert reader.read(create_environ(b"x"), 1, WU) == b"x"
        with pytest.raises(BodyError) as error:
            next(chunks)
        assert error.value.status == 408


@pytest.mark.parametrize(("sender", "places"), [(STRANGER, 2), (LI, 6), (SCREEN, 8)])
def test_each_kind_of_sender_has_its_share(sender, places):
    reader = create_reader(8, 8)
    with ExitStack() as stack:
        held = [stack.enter_context(reader.places.hold(sender, "192.0.2.1", 10)) for _ in range(9)]
        assert [place is not None for place in held] == [True] * places + [False] * (9 - places)
        with reader.places.hold(SCREEN, "192.0.2.2", 10) as place:
            assert (place is not None) == (sender is not SCREEN)
    assert reader.places.has_place_for_screens()
