"""Jobs that the sandbox runs on a clip, with their parameters.

The JSON of a conversion job is stored with its rendition, and the hash of its ``facts`` is part of the rendition key:
field names, order and values must not change. A parameter that does not apply is left out (UNSET).
"""

from typing import Literal

from msgspec import UNSET, Struct, UnsetType

from signage.model.item import Fit
from signage.pixels.image.colors import Rgb

OutputType = Literal["image/gif", "video/mp4"]
MIN_FILM_MS = 1000
"""A shorter film is shown this long: its last picture stays. The contract bounds times on screen to 1…3600 s."""
GIF: OutputType = "image/gif"
MP4: OutputType = "video/mp4"


class EncodedFile(Struct, frozen=True):
    """Media type and size in pixels of one file that a conversion job wrote."""

    type: Literal["image/png", "image/jpeg", "image/gif", "video/mp4"]
    width: int
    height: int


class ProbeJob(Struct, frozen=True, tag_field="job", tag="probe"):
    """Read and decode the clip; the answer is its ClipFacts."""

    max_film_s: int


class OutputFacts(Struct, frozen=True, kw_only=True):
    """Parameters of every conversion. *colors*: the colours of a panel without shades; *fit*: absent for thumbnails."""

    width: int
    height: int
    fit: Fit | UnsetType = UNSET
    background: str
    colors: tuple[Rgb, ...] | UnsetType = UNSET


class PictureFacts(OutputFacts, frozen=True, kw_only=True):
    """*lossy*: JPEG is allowed; *thumbnail*: only reduce the image to *width* × *height*, do not fit it."""

    lossy: bool
    thumbnail: Literal["thumbnail", "poster"] | UnsetType = UNSET


class PosterFacts(PictureFacts, frozen=True, kw_only=True):
    """*duration_ms*: length of the film, whose frame at a third is taken."""

    duration_ms: int | None


class AnimatedFacts(OutputFacts, frozen=True, kw_only=True):
    """*fps*: highest frame rate; *forms*: media types to write, one target file each (absent: MP4 alone)."""

    fps: int
    max_kbps: int
    forms: tuple[OutputType, ...] | UnsetType = UNSET

    @property
    def output_types(self) -> tuple[OutputType, ...]:
        return (MP4,) if self.forms is UNSET else self.forms


class AnimationFacts(AnimatedFacts, frozen=True, kw_only=True):
    """*rounds*: how many times the whole animation is written."""

    rounds: int


class FilmFacts(AnimatedFacts, frozen=True, kw_only=True):
    """*quarters*, *mirrored*: rotation of the source; *loudness_lufs*: target level, None without *sound*."""

    quarters: int
    mirrored: bool
    sound: bool
    loudness_lufs: float | None


class PictureJob(Struct, frozen=True, tag_field="job", tag="picture"):
    """Fit a picture to a panel and encode it as PNG or JPEG."""

    sha256: str
    facts: PictureFacts


class PosterJob(Struct, frozen=True, tag_field="job", tag="poster"):
    """Fit one frame of a film to a panel and encode it as PNG or JPEG."""

    sha256: str
    facts: PosterFacts


class AnimationJob(Struct, frozen=True, tag_field="job", tag="animation"):
    """Fit an animated picture to a panel and encode whole rounds of it."""

    sha256: str
    facts: AnimationFacts


class FilmJob(Struct, frozen=True, tag_field="job", tag="film"):
    """Fit a film to a panel and encode it."""

    sha256: str
    facts: FilmFacts


RenditionSpec = PictureJob | PosterJob | AnimationJob | FilmJob
"""How a clip is converted for a panel."""
