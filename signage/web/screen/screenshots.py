"""``PUT screenshot``: a picture of what is showing."""

from flask import Response

from signage.web.body import BodyError
from signage.web.context import now, read_body, screen, services
from signage.web.screen.pictures import Screenshot, read_picture


def put() -> Response:
    """Store the picture if it is one."""
    data = read_body(services().config.screenshot_max_bytes)
    found = read_picture(data)
    if found is None:
        raise BodyError(415, "web-screenshot")
    services().store_screenshot(Screenshot(screen().screen, now(), *found, data))
    return Response(status=204)
