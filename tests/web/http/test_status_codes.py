"""The HTTP status codes of refusals."""

import pytest

from signage.faults import Refused, refuse
from signage.web.http.status_codes import get_status


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("duty-missing", 403),
        ("campaign-unknown", 404),
        ("screen-exists", 409),
        ("upload-unknown", 404),
        ("upload-over", 410),
        ("upload-offset", 409),
        ("upload-busy", 423),
        ("upload-checksum", 460),
        ("upload-checksum-unknown", 400),
        ("upload-longer", 413),
        ("upload-not-yours", 403),
        ("upload-many", 429),
        ("clip-too-large", 413),
        ("library-quota", 413),
        ("library-disk-full", 507),
        ("library-busy", 503),
        ("clip-type", 422),
    ],
)
def test_a_refusal_has_the_status_of_its_first_fault(code: str, status: int) -> None:
    assert get_status(refuse(code, "")) == status
    assert get_status(Refused([])) == 422
