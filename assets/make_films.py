"""Make the films that ship: ``python assets/make_films.py`` (from anywhere; some minutes).

Small real H.264 films about consumer rights, drawn with Pillow and encoded with PyAV; the same run gives the same
bytes. ``--only NAME`` makes one, ``--font FILE`` draws with another font than the project's own.
"""

import argparse
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from canvas import GOLD, WHITE, Canvas, ease, gradient, sway, text_layer, there
from PIL import Image

HERE = Path(__file__).resolve().parent
FPS = 25
RATE = 48000
RIGHTS = (
    ("安全保障权", "知情权", "自主选择权"),
    ("公平交易权", "依法求偿权", "依法结社权"),
    ("知识获取权", "受尊重权", "监督权"),
)
RED, DEEP_RED = (176, 24, 30), (92, 8, 18)
BLUE, DEEP_BLUE = (18, 88, 168), (6, 30, 76)
Draw = Callable[[Canvas, float], None]


def rights(c: Canvas, t: float) -> None:
    """Consumer-rights work: the year's theme, the nine rights of the law, the close."""
    upright = c.height > c.width
    _rays(c, t)
    seen = there(t, 0.0, 4.2)
    top = 0.36 if upright else 0.33
    c.shape("shield", 0.5, top + (1 - ease(t, 0.1, 0.9)) * 0.1, 330, GOLD, seen)
    c.shape("tick", 0.5, top, 210 * (0.6 + 0.4 * ease(t, 0.8, 0.5)), DEEP_RED, min(seen, ease(t, 0.8, 0.3)))
    wide = 0.62 if upright else 0.66
    for n, words in enumerate(("守护安全", "畅通消费") if upright else ("守护安全  畅通消费",)):
        rise = (1 - ease(t, 0.9 + n * 0.3, 0.8)) * 0.05
        c.text(words, 0.5, wide - 0.06 * upright + n * 0.1 + rise, 150, min(seen, ease(t, 0.9 + n * 0.3, 0.8)))
    c.text("2021年消费维权年主题", 0.5, 0.75 if upright else 0.83, 68, min(seen, ease(t, 1.7, 0.8)), GOLD)
    seen = there(t, 4.2, 9.0)
    c.text("消费者的九项权利", 0.5, 0.14 if upright else 0.15, 92, seen, GOLD)
    for row, words in enumerate(RIGHTS):
        for column, word in enumerate(words):
            _right(c, t, (row, column), word, seen)
    seen = there(t, 9.0, 12.4)
    c.text("依法维权", 0.5, 0.40 if upright else 0.36, 176, min(seen, ease(t, 9.2, 0.7)))
    c.text("从你我做起", 0.5, 0.51 if upright else 0.57, 132, min(seen, ease(t, 9.7, 0.7)), GOLD)
    c.text("3·15 国际消费者权益日", 0.5, 0.64 if upright else 0.77, 70, min(seen, ease(t, 10.2, 0.7)))


def _right(c: Canvas, t: float, place: tuple[int, int], word: str, seen: float) -> None:
    row, column = place
    number = row * 3 + column
    begin = 4.6 + number * 0.24
    if c.height > c.width:
        x, y, wide, high, size = 0.5, 0.235 + number * 0.08, 760.0, 128.0, 78.0
    else:
        x, y, wide, high, size = 0.19 + column * 0.31, 0.37 + row * 0.22, 520.0, 180.0, 76.0
    x += (1 - ease(t, begin, 0.6)) * 0.08
    alpha = min(seen, ease(t, begin, 0.5))
    c.card(x, y, wide, high, (214, 52, 48), alpha)
    c.text(word, x, y, size, alpha)


def _rays(c: Canvas, t: float) -> None:
    for n in range(3):
        radius = 420 + n * 190 + sway(t + n * 1.7, 6, 40)
        c.ring(0.5, 0.36 if c.height > c.width else 0.33, radius, 5, (206, 62, 52), 0.5 - n * 0.12)


def hotline(c: Canvas, t: float) -> None:
    """The 12315 hotline: the number digit by digit, three ways to complain, the close."""
    for n in range(4):
        age = (t * 0.55 + n / 4) % 1
        c.ring(0.24, 0.42, 150 + age * 330, 8, (120, 190, 255), (1 - age) * 0.55)
    c.shape("sun", 0.24, 0.42, 300, (40, 128, 220))
    swing = sway(t, 0.5, 0.004) if t % 2 < 1 else 0
    c.shape("phone", 0.24 + swing, 0.42, 170, WHITE)
    for n, digit in enumerate("12315"):
        begin = 0.4 + n * 0.28
        c.text(digit, 0.46 + n * 0.105, 0.40 - (1 - ease(t, begin, 0.5)) * 0.12, 270, ease(t, begin, 0.35), GOLD)
    ways = (("拨打热线", 2.4), ("登录网站", 3.2), ("扫码投诉", 4.0))
    for n, (words, begin) in enumerate(ways):
        x, alpha = 0.2 + n * 0.3, min(ease(t, begin, 0.6), 1 - ease(t, 6.4, 0.5))
        rise = (1 - ease(t, begin, 0.6)) * 0.06
        c.card(x, 0.77 + rise, 500, 160, (26, 110, 196), alpha)
        c.text(words, x, 0.77 + rise, 88, alpha)
    c.text("消费投诉举报  请找12315", 0.5, 0.75, 112, ease(t, 6.9, 0.7))
    c.text("全天候为您服务", 0.5, 0.89, 72, ease(t, 7.6, 0.7), (176, 216, 255))


def public(c: Canvas, t: float) -> None:
    """A public-service film: a town in the morning, people with bags, three lines of text."""
    c.shape("sun", 0.72, 0.62 - ease(t, 0, 9) * 0.36, 250, (255, 226, 140))
    _town(c, t, 0.70, 6, (92, 150, 160), 22)
    _town(c, t, 0.78, 14, (44, 104, 118), 15)
    c.paste(_ground(c), 0.5, 0.93)
    for n in range(4):
        x = (t * 0.055 * (1 + 0.3 * (n % 2)) + n * 0.29) % 1.2 - 0.1
        hop = abs(sway(t + n * 0.3, 1.0, 0.008))
        c.shape("bag", x, 0.88 - hop, 120 + 18 * (n % 3), ((236, 106, 72), (250, 190, 70), (238, 238, 230))[n % 3])
    lines = (
        ("诚信经营", "放心消费", 0.4, 4.0),
        ("和谐社会", "文明消费", 4.0, 7.8),
        ("消费者安心", "城市更温暖", 7.8, 12.4),
    )
    for first, second, begin, end in lines:
        alpha = there(t, begin, end)
        c.text(first, 0.34, 0.24 + (1 - ease(t, begin, 0.8)) * 0.03, 150, alpha)
        c.text(second, 0.42, 0.43 + (1 - ease(t, begin + 0.3, 0.8)) * 0.03, 150, min(alpha, ease(t, begin + 0.3, 0.6)))
    c.text("公益宣传", 0.9, 0.08, 54, 0.9)


def _ground(c: Canvas) -> Image.Image:
    return gradient((c.width, round(c.height * 0.16)), (38, 84, 84), (24, 56, 62)).convert("RGBA")


def _town(c: Canvas, t: float, foot: float, speed: float, color: tuple[int, int, int], count: int) -> None:
    step = 2400 / count
    for n in range(count):
        high = 150 + (n * 2654435761 % 97) * 3.2
        x = ((n * step - t * speed) % 2400 - 240) / 1920
        c.card(x, foot + 0.16 - high / 2160, step * 0.86, high, color)


def strip(c: Canvas, t: float) -> None:
    """A strip over shop doors: words that walk by in whole pixels."""
    words = "3·15 国际消费者权益日    诚信经营 放心消费    消费维权请拨打12315"
    layer = text_layer(words, c.height * 7 // 8, GOLD, c.font)
    round_px = round(STRIP_S * FPS) * STRIP_PX_A_FRAME
    for x in range(-round(t * FPS) * STRIP_PX_A_FRAME, c.width, round_px):
        c.paste(layer, (x + layer.width / 2) / c.width, 0.5)


STRIP_S = 12.0
STRIP_PX_A_FRAME = 3


@dataclass(frozen=True)
class Film:
    """A film to make: its frame, its length, its colours from top to bottom, and what draws it. *tone*: with sound."""

    size: tuple[int, int]
    seconds: float
    top: tuple[int, int, int]
    bottom: tuple[int, int, int]
    draw: Draw
    tone: float | None = None
    crf: int = 24


FILMS = {
    "rights": Film((1920, 1080), 12.4, RED, DEEP_RED, rights, 261.6),
    "12315": Film((1920, 1080), 10.0, BLUE, DEEP_BLUE, hotline, 293.7),
    "public": Film((1920, 1080), 12.4, (96, 180, 200), (250, 196, 140), public, 329.6),
    "rights-portrait": Film((1080, 1920), 12.4, RED, DEEP_RED, rights, 261.6),
    "strip": Film((640, 32), STRIP_S, (120, 10, 16), (60, 4, 10), strip, None, 20),
}


def frames(film: Film, font: Path) -> Iterator[Image.Image]:
    ground = gradient(film.size, film.top, film.bottom)
    for n in range(round(film.seconds * FPS)):
        canvas = Canvas(ground, font)
        film.draw(canvas, n / FPS)
        yield canvas.image


def sound(film: Film) -> np.ndarray:
    """Soft chords, one every 2 s, as one row of samples."""
    assert film.tone is not None
    t = np.arange(round(film.seconds * RATE)) / RATE
    out = np.zeros_like(t)
    for n, step in enumerate((1, 5 / 4, 3 / 2, 4 / 3, 5 / 3, 3 / 2, 1)):
        local = t - n * 2.0
        shape = np.where(local > 0, np.exp(-local * 1.3) * np.minimum(1, local * 30), 0)
        for overtone, loud in ((1, 0.5), (1.5, 0.3), (2, 0.2)):
            out += shape * loud * np.sin(2 * math.pi * film.tone * step * overtone * local)
    return (out / np.abs(out).max() * 0.5).astype(np.float32)[None]


def encode(film: Film, font: Path, target: Path) -> None:
    with av.open(str(target), "w", options={"movflags": "+faststart"}) as out:
        options = {"crf": str(film.crf), "preset": "veryslow", "tune": "animation"}
        picture = out.add_stream("libx264", rate=FPS, options=options)
        picture.width, picture.height = film.size
        picture.pix_fmt = "yuv420p"
        picture.codec_context.thread_count = 1
        picture.codec_context.time_base = Fraction(1, FPS)
        voice = out.add_stream("aac", rate=RATE, layout="mono", bit_rate=64000) if film.tone else None
        if voice is not None:
            wave = av.AudioFrame.from_ndarray(sound(film), format="fltp", layout="mono")
            wave.sample_rate, wave.pts, wave.time_base = RATE, 0, Fraction(1, RATE)
            out.mux([*voice.encode(wave), *voice.encode(None)])
        for image in frames(film, font):
            out.mux(picture.encode(av.VideoFrame.from_image(image)))
        out.mux(picture.encode(None))


def own_font() -> Path:
    """The project's outline font."""
    found = sorted((HERE.parent / "signage" / "pixels" / "fonts").glob("*sans*.ttf"))
    if not found:
        raise SystemExit("no outline font in signage/pixels/fonts: name one with --font")
    return found[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--font", type=Path)
    parser.add_argument("--only", choices=sorted(FILMS))
    parser.add_argument("--into", type=Path, default=HERE)
    chosen = parser.parse_args()
    font = chosen.font or own_font()
    for name, film in FILMS.items():
        if chosen.only in (None, name):
            encode(film, font, chosen.into / f"{name}.mp4")


if __name__ == "__main__":
    main()
