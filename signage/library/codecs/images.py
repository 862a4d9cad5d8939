"""Decodes pictures and animations, converts them to upright 8-bit sRGB and fits them to a panel. Sandboxed.

1. EXIF orientation is applied to the pixels, then dropped with all other metadata (EXIF 2.32).
2. Colour profiles, CMYK, greyscale and palettes are converted to sRGB; 16 bit is scaled (v / 257), never clamped.
3. Transparent pixels show the background, whatever colour they hide.
4. A frame delay below 20 ms counts as 100 ms, as in browsers.
5. As a still, an animation shows the first picture of its rounds, not one that it has for old readers alone.
"""

import contextlib
import io
import warnings
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np
from msgspec import UNSET
from PIL import Image, ImageCms, ImageColor, ImageOps, UnidentifiedImageError

from signage.library.codecs.clip_jobs import EncodedFile, OutputFacts, PictureFacts, PictureJob
from signage.library.codecs.file_type import LEADING_BYTES, FileFormat, detect_format
from signage.library.sandbox.confinement import SandboxLimits
from signage.library.sandbox.job_messages import JobFunction, ProgressCallback
from signage.library.sandbox.media_error import MediaError
from signage.pixels.image import dither, png
from signage.pixels.image.image_fit import fit_image

_MIN_DELAY_MS, _REPLACEMENT_DELAY_MS = 20, 100
_MAX_FRAMES = 20_000
_DECODER_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    KeyError,
    IndexError,
    TypeError,
    AttributeError,
    ZeroDivisionError,
)


def open_picture(file: BinaryIO, file_format: FileFormat, max_megapixels: int) -> Image.Image:
    """Open a picture of *file_format*, and of no other, without decoding it.

    Raises MediaError when it is of another format, or has more pixels than are allowed.
    """
    Image.MAX_IMAGE_PIXELS = None
    try:
        image = Image.open(file, formats=[file_format.name])
    except PermissionError:  # raised by the sandbox, not by the clip
        raise
    except UnidentifiedImageError:
        raise MediaError("clip-damaged", why=f"its beginning is no {file_format.name} picture") from None
    except _DECODER_ERRORS as error:
        raise MediaError("clip-damaged", why=str(error)) from error
    if image.format != file_format.name:
        raise MediaError("clip-type", found=str(image.format))
    if image.width * image.height > max_megapixels * 1_000_000:
        raise MediaError("clip-too-many-pixels", width=image.width, height=image.height, most=max_megapixels)
    if image.width < 1 or image.height < 1:
        raise MediaError("clip-no-picture")
    return image


def is_animated(image: Image.Image) -> bool:
    """Whether the picture has more than one frame."""
    with convert_decoder_errors():
        return (
            bool(getattr(image, "is_animated", False))
            and getattr(image, "n_frames", 1) > _get_first_frame_index(image) + 1
        )
    raise AssertionError


def _get_first_frame_index(image: Image.Image) -> int:
    """Return 1 for an animated PNG whose first image is a fallback for old readers, else 0."""
    return 1 if image.format == "PNG" and image.info.get("default_image") else 0


@contextlib.contextmanager
def convert_decoder_errors() -> Iterator[None]:
    """Turn exceptions of a decoder into MediaError: the clip is damaged or truncated."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except PermissionError:  # raised by the sandbox, not by the clip
        raise
    except _DECODER_ERRORS as error:
        is_truncated = (
            "truncated" in str(error) or "unexpected end" in str(error).lower() or isinstance(error, EOFError)
        )
        if is_truncated:
            raise MediaError("clip-cut-off") from error
        raise MediaError("clip-damaged", why=str(error) or type(error).__name__) from error


def read_frames(image: Image.Image) -> Iterator[tuple[Image.Image, int]]:
    """Yield each frame (upright, RGB or RGBA) with its delay in ms (4)."""
    count = getattr(image, "n_frames", 1)
    if count > _MAX_FRAMES:
        raise MediaError("clip-over-limits", limit=f"{_MAX_FRAMES} frames")
    for number in range(_get_first_frame_index(image), count):
        with convert_decoder_errors():
            image.seek(number)
            image.load()
            delay = round(float(image.info.get("duration") or 0))
            frame = normalize_image(image)
        yield frame, delay if delay >= _MIN_DELAY_MS else _REPLACEMENT_DELAY_MS


def normalize_image(image: Image.Image) -> Image.Image:
    """Return the picture upright in 8-bit sRGB: mode RGB, or RGBA where a pixel is transparent."""
    with convert_decoder_errors():
        image.load()
        profile = image.info.get("icc_profile")
        if image.getexif().get(0x0112, 1) != 1:  # an upright image would only be copied
            image = ImageOps.exif_transpose(image)
        return _convert_to_srgb(_convert_to_eight_bit(image), profile)
    raise AssertionError


def _convert_to_eight_bit(image: Image.Image) -> Image.Image:
    if not image.mode.startswith(("I", "F")):
        return image
    if image.mode == "F":
        return image.convert("L")
    values = np.asarray(image).astype(np.int64)
    if image.mode == "I" and int(values.max(initial=0)) <= 255:
        scaled = values
    else:
        scaled = (values.clip(0, 65535) + 128) // 257
    grey = Image.fromarray(scaled.clip(0, 255).astype(np.uint8), "L")
    hidden = image.info.get("transparency")
    if isinstance(hidden, int):  # a grey value that stands for transparency (PNG, tRNS)
        grey.putalpha(Image.fromarray(np.where(values == hidden, 0, 255).astype(np.uint8), "L"))
    return grey


def _convert_to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    is_transparent = image.has_transparency_data
    if image.mode in ("P", "PA", "1", "La", "LA", "RGBa"):
        image = image.convert("RGBA" if is_transparent else "RGB")
    if profile and image.mode in ("RGB", "RGBA", "CMYK", "L"):
        with contextlib.suppress(ImageCms.PyCMSError, OSError, ValueError):
            alpha = image.getchannel("A") if image.mode == "RGBA" else None
            opaque = image.convert("RGB") if alpha else image
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(opaque, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
            if converted is not None:
                if alpha:
                    converted.putalpha(alpha)
                return converted
    mode = "RGBA" if is_transparent else "RGB"
    return image if image.mode == mode else image.convert(mode)


def flatten(image: Image.Image, background: str) -> Image.Image:
    """Replace transparency by *background* (``#rrggbb``)."""
    if image.mode != "RGBA":
        return image
    canvas = Image.new("RGBA", image.size, background)
    return Image.alpha_composite(canvas, image).convert("RGB")


def fit_to_panel(image: Image.Image, facts: OutputFacts) -> Image.Image:
    """Fit an image to the size that a job asks for."""
    fit = "contain" if facts.fit is UNSET else facts.fit
    return fit_image(image, facts.width, facts.height, fit, ImageColor.getrgb(facts.background)[:3])


def make_picture(
    files: list[BinaryIO], job: PictureJob, limits: SandboxLimits, report: ProgressCallback
) -> list[EncodedFile]:
    """Run a PictureJob. The output is JPEG only where *lossy* is allowed and the source was JPEG."""
    source, target = files
    file_format = detect_format(source.read(LEADING_BYTES))
    source.seek(0)
    image = open_picture(source, file_format, limits.max_megapixels)
    was_lossy = file_format.name == "JPEG"
    if was_lossy:
        image.draft("RGB", (job.facts.width * 2, job.facts.height * 2))
    shown = next(read_frames(image))[0] if is_animated(image) else normalize_image(image)
    picture = flatten(shown, job.facts.background)
    report(0.5)
    return [save_picture(picture, target, job.facts, lossy=job.facts.lossy and was_lossy)]


def save_picture(picture: Image.Image, target: BinaryIO, facts: PictureFacts, *, lossy: bool) -> EncodedFile:
    """Resize and encode *picture* without metadata; dithered where the panel has colours without shades."""
    if facts.thumbnail is UNSET:
        picture = fit_to_panel(picture, facts)
    else:
        picture = picture.copy()
        picture.thumbnail((facts.width, facts.height), Image.Resampling.LANCZOS)
    if facts.colors is not UNSET:
        target.write(png.encode_png(dither.dither_still(picture, facts.colors)))
        return EncodedFile("image/png", *picture.size)
    plain = Image.new("RGB", picture.size)
    plain.paste(picture)
    if lossy:
        plain.save(target, "JPEG", quality=92, subsampling=0, optimize=True)
    else:
        plain.save(target, "PNG", optimize=False, compress_level=6)
    return EncodedFile("image/jpeg" if lossy else "image/png", *plain.size)


JOBS: dict[type, JobFunction] = {PictureJob: make_picture}
