"""The description of the API: it is sound, says everything, and the API keeps to it whatever is sent (schemathesis)."""

import json

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance
from werkzeug.test import Client

from signage.web.api.framework.openapi import build_openapi
from signage.web.api.routes import OPERATIONS
from tests.support.console import InMemoryInstallation

DESCRIPTION = json.loads(json.dumps(build_openapi(OPERATIONS)))
RESOURCES = (
    *("screens", "campaigns", "slogans", "clips", "uploads", "approvals", "takeovers", "incidents"),
    *("plays", "audit", "reports", "users", "tokens", "wall", "preview", "wording"),
)
schema = schemathesis.openapi.from_dict(DESCRIPTION)


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    made = InMemoryInstallation(tmp_path_factory.mktemp("installation"))
    yield {
        "doer": made.create_user("doer", "operator", "approver", "duty", "admin"),
        "reader": made.create_user("reader", "auditor"),
    }
    made.close()


def test_every_resource_is_described():
    tags = {tag for path in DESCRIPTION["paths"].values() for one in path.values() for tag in one["tags"]}
    assert set(RESOURCES) <= tags
    assert DESCRIPTION["openapi"] == "3.1.0"
    assert all(one["summary"] for path in DESCRIPTION["paths"].values() for one in path.values())


def test_the_description_is_for_everybody(people):
    response = Client(people["doer"].installation.app).get("/api/v1/openapi.json")
    assert response.status_code == 200
    assert response.json == DESCRIPTION


@schemathesis.serializer("application/toml", "text/csv", "application/offset+octet-stream")
def as_it_is(context, value):
    """A body that is text or bytes."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


@pytest.mark.slow
@schema.parametrize()
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
def test_nothing_that_is_sent_breaks_the_server(people, case):
    someone = people["reader" if "audit" in case.operation.path else "doer"]
    headers = {**(case.headers or {}), "Authorization": f"Bearer {someone.token}"}
    response = case.call(app=someone.installation.app, headers=headers)
    checks = [not_a_server_error, response_schema_conformance, content_type_conformance]
    case.validate_response(response, checks=checks)
