"""Images and films made for tests."""

import io

import av
from PIL import Image, ImageDraw


def create_film(path, colors, fps: int = 10, each: int = 10) -> bytes:
    """Write a film that shows each of *colors* for *each* frames."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=fps, options={"crf": "10", "g": "7"})
        stream.width, stream.height, stream.pix_fmt = 32, 16, "yuv420p"
        for color in colors:
            for _ in range(each):
                frame = av.VideoFrame.from_image(Image.new("RGB", (32, 16), color))
                for packet in stream.encode(frame):
                    out.mux(packet)
        for packet in stream.encode():
            out.mux(packet)
    return path.read_bytes()


def encode_image(image: Image.Image, kind: str = "PNG", **facts) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **facts)
    return out.getvalue()


def create_ramp(width: int, height: int = 16) -> Image.Image:
    """Return an image whose columns encode their number."""
    image = Image.new("RGB", (width, height))
    for x in range(width):
        ImageDraw.Draw(image).line([(x, 0), (x, height)], fill=(x % 256, x // 256, 7))
    return image


def is_close_color(pixel, color) -> bool:
    return all(abs(a - b) < 40 for a, b in zip(pixel, color, strict=True))
