"""``PUT screenshot``: stores a screenshot."""

from flask import Response

from signage.web.http.image_check import Screenshot, read_image_header
from signage.web.http.request_body import BodyError
from signage.web.request_context import get_dependencies, get_now, get_screen_playlist, read_body


def receive_screenshot() -> Response:
    """Store the screenshot if it is a valid image and the disk has room."""
    if not get_dependencies().has_disk_room():
        raise BodyError(507, "plays-reserve", ("Retry-After", "60"))
    data = read_body(get_dependencies().config.screenshot_max_bytes)
    header = read_image_header(data)
    if header is None:
        raise BodyError(415, "web-screenshot")
    get_dependencies().store_screenshot(Screenshot(get_screen_playlist().screen, get_now(), *header, data))
    return Response(status=204)
