"""``PUT screenshot``: a picture of what is showing."""

from flask import Response

from signage.web.http.image_check import Screenshot, read_picture
from signage.web.http.request_body import BodyError
from signage.web.request_context import now, read_body, screen, services


def put() -> Response:
    """Store the picture if it is one."""
    data = read_body(services().config.screenshot_max_bytes)
    found = read_picture(data)
    if found is None:
        raise BodyError(415, "web-screenshot")
    services().store_screenshot(Screenshot(screen().screen, now(), *found, data))
    return Response(status=204)
