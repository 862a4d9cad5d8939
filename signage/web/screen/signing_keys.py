"""``GET keys.json``: the public signing keys, signed by each of them."""

import hashlib

from flask import Response, request

from signage.protocol.signing import SIGNATURE_HEADER
from signage.web.http.conditional import has_matching_etag
from signage.web.request_context import get_dependencies


def serve_signing_keys() -> Response:
    """Serve the document, or 304."""
    document, signature = get_dependencies().get_signed_keys()
    etag = f'"{hashlib.sha256(document).hexdigest()[:32]}"'
    unchanged = has_matching_etag(request.headers.get("If-None-Match", ""), etag)
    response = Response(status=304) if unchanged else Response(document, content_type="application/json")
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "no-cache"
    if not unchanged:
        response.headers[SIGNATURE_HEADER] = signature
    return response
