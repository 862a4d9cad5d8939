"""A client that others wrote speaks to our uploads."""

import hashlib
import io
import threading

from werkzeug.serving import make_server

from tests.web.api.resources.library.test_clips import picture
from tests.web.media_server import _QuietRequestHandler


def test_tuspy_uploads_in_pieces_and_goes_on(installation):
    from tusclient.client import TusClient

    li = installation.create_user("li", "operator")
    server = make_server("127.0.0.1", 0, installation.app, threaded=True, request_handler=_QuietRequestHandler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        address = f"http://127.0.0.1:{server.server_port}/api/v1/uploads"
        client = TusClient(address, headers={"Authorization": f"Bearer {li.token}"})
        facts = {"chunk_size": 50, "metadata": {"filename": "海报.png"}, "upload_checksum": True}
        first = client.uploader(file_stream=io.BytesIO(picture("blue")), **facts)
        first.upload_chunk()
        again = client.uploader(file_stream=io.BytesIO(picture("blue")), url=first.url, **facts)
        assert again.offset == 50
        again.upload()
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
    sha256 = hashlib.sha256(picture("blue")).hexdigest()
    assert li.call_api("GET", f"/clips/{sha256}").json["name"] == "海报.png"
