"""A setting drawn: coverage first (one channel), then the two colours."""

from collections import OrderedDict
from itertools import chain
from threading import Lock

from PIL import Image

from signage.pixels.fonts.faces import EM, picture
from signage.pixels.image.colors import Colors
from signage.pixels.slogan.layout import Line
from signage.pixels.slogan.slogan_layout import Setting

_KEPT_BYTES = 48_000_000


class _Shelf:
    """Pictures drawn lately, up to so many bytes: drawing again is a look-up. For several threads."""

    def __init__(self, most: int) -> None:
        self._most, self._bytes = most, 0
        self._lock = Lock()
        self._kept: OrderedDict[int, tuple[Setting, Image.Image]] = OrderedDict()

    def get(self, setting: Setting) -> Image.Image | None:
        with self._lock:
            found = self._kept.get(id(setting))
            if found is None:
                return None
            self._kept.move_to_end(id(setting))
            return found[1]

    def put(self, setting: Setting, image: Image.Image) -> None:
        with self._lock:
            if id(setting) in self._kept:
                return
            self._kept[id(setting)] = setting, image
            self._bytes += 3 * image.width * image.height
            while self._bytes > self._most and len(self._kept) > 1:
                _, (_, old) = self._kept.popitem(last=False)
                self._bytes -= 3 * old.width * old.height


_shelf = _Shelf(_KEPT_BYTES)


def paint(setting: Setting) -> Image.Image:
    """The picture of *setting*, shared: not to be changed."""
    found = _shelf.get(setting)
    if found is None:
        found = colored(coverage(setting), setting.colors)
        _shelf.put(setting, found)
    return found


def coverage(setting: Setting) -> Image.Image:
    """How much of each pixel is text, mode "L"; 0 or 255 only where the setting has no smoothing."""
    page = Image.new("L", (setting.width, setting.height))
    for placed in setting.placed:
        for row, line in enumerate(placed.block.lines):
            left = setting.left
            if left is None:
                left = (setting.width - line.width(placed.block.size)) // 2
            _line(page, line, left, placed.top + row * placed.pitch, placed.block.size, setting.one_bit)
    return page


def _line(page: Image.Image, line: Line, left: int, top: int, size: int, one_bit: bool) -> None:
    source = line.source
    start, stop = source.trim(line.start, line.stop)
    if start >= stop:
        return
    origin = source.at[start] + source.head[start]
    for i in range(start, stop):
        if source.text[i].isspace():
            continue
        glyph = picture(source.faces[i], size, one_bit)
        x = left + round((source.drawn[i] - origin) * size / EM)
        page.paste(255, (x + glyph.dx, top + glyph.dy), glyph.image)


def colored(page: Image.Image, colors: Colors) -> Image.Image:
    """Coverage in two colours, mode "RGB"."""
    steps = (
        tuple(round(b + (t - b) * n / 255) for t, b in zip(colors.text, colors.background, strict=True))
        for n in range(256)
    )
    shown = page.copy()
    shown.putpalette(list(chain.from_iterable(steps)))
    return shown.convert("RGB")
