"""JSON nested so deeply that reading it fails, at every address that takes JSON (L1)."""

import json
from collections.abc import Iterator

import pytest

from tests.attacks.wire import request
from tests.support.installation import ServerInstallation

BODIES = {
    "lists": b"[" * 3000,
    "a field": b'{"hardware":' + b'{"a":' * 650 + b"1" + b"}" * 650 + b"}",
    "no text": b"\xff\xfe",
    "a number": b"1e999999",
    "plays": b'{"plays":' + b"[" * 3000,
}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerInstallation]:
    made = ServerInstallation(tmp_path_factory.mktemp("office") / "office", campaigns=False)
    made.token = made.run_json("screens", "add", "taxi-0001", "--kind", "taxi-roof", "--panel", "taxi-192x64")["token"]
    made.start()
    yield made
    made.close()


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("address", ["plays", "status", "enrolments"])
def test_no_body_of_a_screen_is_an_internal_error(office, name, address):
    headers = {"Authorization": f"Bearer {office.token}"}
    answer = request(office.port, "POST", f"/screen/v1/{address}", BODIES[name], headers)
    assert answer.status in (204, 400, 422, 429)
    assert "Traceback" not in office.read_log()


def test_no_operation_of_the_api_answers_deep_json_with_an_internal_error(office):
    paths = json.loads(request(office.port, "GET", "/api/v1/openapi.json").read())["paths"]
    assert len(paths) > 20
    for path, methods in paths.items():
        for method in set(methods) & {"post", "put", "patch"}:
            address = (path if path.startswith("/api/v1") else f"/api/v1{path}").replace("{id}", "x")
            answer = request(
                office.port, method.upper(), address, BODIES["lists"], {"Content-Type": "application/json"}
            )
            assert answer.status < 500, (method, path)
    assert "Traceback" not in office.read_log()
