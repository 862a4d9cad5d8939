"""``GET keys.json``: the public halves of the keys that sign, signed by each of them."""

import hashlib

from flask import Response, request

from signage.protocol.signing import HEADER
from signage.web.http.conditional import any_tag_matches
from signage.web.request_context import services


def get() -> Response:
    """The document, or 304."""
    document, signature = services().keys()
    etag = f'"{hashlib.sha256(document).hexdigest()[:32]}"'
    unchanged = any_tag_matches(request.headers.get("If-None-Match", ""), etag)
    response = Response(status=304) if unchanged else Response(document, content_type="application/json")
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "no-cache"
    if not unchanged:
        response.headers[HEADER] = signature
    return response
