"""A slogan over a picture: made once the picture is, legible, and refused in a sentence where it names none."""

import io

import requests
from PIL import Image

from signage.protocol import playlist as wire
from tests.support.installation import wait_until

CAMPAIGN = """
format = "signage.campaign/1"
id = "over"
title = "over"
timezone = "Asia/Shanghai"
from = 2021-01-01T00:00:00
until = 2099-01-01T00:00:00

[[item]]
id = "slogan"
text = "诚信经营"
behind = "sky"

[[item]]
id = "sky"
file = "assets/sky.jpg"
duration_s = 8

[[placement]]
screens = ["*"]
items = ["slogan"]
"""


def test_a_slogan_stands_over_its_picture(install):
    office = install(campaigns=False)
    Image.linear_gradient("L").resize((640, 640)).convert("RGB").save(office.folder / "assets" / "sky.jpg")
    file = office.folder / "playlists" / "over.toml"
    file.write_text(CAMPAIGN.replace('"sky"\n\n', '"skye"\n\n', 1), "utf-8")
    done = office.run("check", check=False)
    assert done.returncode == 1 and "sky" in done.stderr and "item[1].behind" in done.stderr
    file.write_text(CAMPAIGN, "utf-8")
    office.start()
    token = office.run_json("screens", "add", "taxi-1", "--kind", "taxi-roof", "--panel", "taxi-192x64")["token"]
    wait_until(lambda: "over/slogan" in office.get_playlist(token).text, "the slogan is made")
    found = wire.decode_playlist(office.get_playlist(token).content)
    assert "over/sky" not in found.items
    picture = Image.open(
        io.BytesIO(requests.get(office.url + found.items["over/slogan"].media[0].href, timeout=10).content)
    )
    shades = picture.convert("L")
    assert picture.size == (192, 64) and shades.getpixel((0, 60)) > shades.getpixel((0, 2)), "the gradient is behind"
    assert max(shades.tobytes()) > 200, "the text is bright"
