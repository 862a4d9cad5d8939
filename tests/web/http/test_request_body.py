"""Reading bodies: how long one holds its place, and what is watched meanwhile."""

import io

import pytest

from signage.web.http.request_body import CHUNK_BYTES, BodyError, BodyReader
from signage.web.http.slow_clients import SlowBodyReaper


class Watched(SlowBodyReaper):
    """Tells how many bodies are watched; nothing is given up."""

    def __init__(self) -> None:
        super().__init__(timeout_s=3600)

    @property
    def many(self) -> int:
        return len(self._watches)


def asked(body: bytes, length: int | None = None) -> dict:
    told = {"CONTENT_LENGTH": str(len(body) if length is None else length)}
    return {"wsgi.input": io.BytesIO(body), "REMOTE_ADDR": "192.0.2.1", **told}


@pytest.fixture
def watched() -> Watched:
    return Watched()


@pytest.fixture
def bodies(watched: Watched) -> BodyReader:
    """One body at a time: a place that is not given back is seen by the next."""
    return BodyReader(1, 1, watched)


def test_a_second_body_waits_for_the_first(bodies, watched):
    body = bytes(2 * CHUNK_BYTES)
    with bodies.open_chunks(asked(body), len(body), "li") as pieces:
        next(pieces)
        assert watched.many == 1
        with pytest.raises(BodyError) as error:
            bodies.read(asked(b"x"), 1, "wu")
        assert error.value.status == 503


def test_what_has_come_whole_is_not_watched_while_it_is_worked_on_but_keeps_its_place(bodies, watched):
    body = bytes(2 * CHUNK_BYTES)
    with bodies.open_chunks(asked(body), len(body), "li") as pieces:
        assert next(pieces) + next(pieces) == body
        assert watched.many == 0
        with pytest.raises(BodyError):
            bodies.read(asked(b"x"), 1, "wu")
    assert bodies.read(asked(b"x"), 1, "wu") == b"x"


def test_a_reader_that_leaves_in_the_middle_gives_its_place_back(bodies, watched):
    body = bytes(3 * CHUNK_BYTES)
    kept = []
    with pytest.raises(ZeroDivisionError), bodies.open_chunks(asked(body), len(body), "li") as pieces:
        kept.append(pieces)  # somebody still holds them: that must not matter
        next(pieces)
        raise ZeroDivisionError
    assert watched.many == 0
    assert bodies.read(asked(b"x"), 1, "wu") == b"x"


def test_a_body_that_was_cut_off_gives_its_place_back(bodies, watched):
    for _ in range(2):
        with pytest.raises(BodyError) as error:
            bodies.read(asked(b"half", 8), 8, "li")
        assert error.value.status == 400
    assert watched.many == 0
