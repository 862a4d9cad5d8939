"""Makes renditions: converts clips in the sandbox, draws slogans; stores the files and returns their media records."""

from typing import BinaryIO

import msgspec
from PIL import Image

from signage.library import slogan_media
from signage.library.blobs import BlobAlteredError, BlobStore
from signage.library.codecs.clip_jobs import AnimationJob, EncodedFile, FilmJob, RenditionSpec
from signage.library.sandbox.confinement import SandboxLimits
from signage.library.sandbox.job_messages import ProgressCallback
from signage.library.sandbox.media_error import MediaError
from signage.library.sandbox.supervisor import SandboxPool, ignore_progress
from signage.library.settings import LibraryConfig
from signage.model.panel import Panel
from signage.pixels.image import png
from signage.pixels.slogan.fallback_image import render_fallback_image
from signage.pixels.slogan.legibility import get_min_contrast
from signage.pixels.slogan.slogan import render_slogan
from signage.pixels.slogan.slogan_layout import SloganLayout
from signage.pixels.slogan.text_over_image import render_text_over_image
from signage.protocol.playlist import Motion, PlaylistMedia

MB = 1_000_000
_EXTENSIONS = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "video/mp4": "mp4"}
_FILM_MEMORY_FACTOR = 2
"""Decoder, filters and encoder of a film together need more memory than a probe."""


def convert_clip(
    spec: RenditionSpec,
    blobs: BlobStore,
    sandbox: SandboxPool,
    config: LibraryConfig,
    progress: ProgressCallback = ignore_progress,
) -> tuple[PlaylistMedia, ...]:
    """Convert the sealed original of a clip as *spec* says; the files are durable when this returns.

    Raises MediaError when the clip cannot be converted within the limits.
    """
    room = blobs.get_free_bytes() - config.reserve_mb * MB
    if room <= 0:
        raise MediaError("library-disk-full", reserve=config.reserve_mb)
    is_animated = isinstance(spec, FilmJob | AnimationJob)
    limits = SandboxLimits(
        memory_bytes=config.memory_mb * MB * (_FILM_MEMORY_FACTOR if is_animated else 1),
        cpu_s=config.convert_s if is_animated else config.probe_s,
        wall_s=2 * (config.convert_s if is_animated else config.probe_s),
        output_bytes=min(room, config.max_mb * MB),
        max_megapixels=config.max_megapixels,
    )
    count = len(spec.facts.output_types) if isinstance(spec, FilmJob | AnimationJob) else 1
    targets = tuple(blobs.create_temporary_path() for _ in range(count))
    try:
        with _open_original(blobs, spec.sha256) as original:
            files = sandbox.run(spec, list[EncodedFile], limits, original, targets, progress)
        if len(files) != count:
            raise MediaError("clip-damaged", why="its decoder sent an invalid answer")
        media = []
        for target, file in zip(targets, files, strict=True):
            size = target.stat().st_size
            media.append(create_media(blobs.put_copy(target), size, file.type, file.width, file.height))
        return tuple(media)
    finally:
        for target in targets:
            target.unlink(missing_ok=True)


def _open_original(blobs: BlobStore, sha256: str) -> BinaryIO:
    try:
        return blobs.open_original(sha256)
    except BlobAlteredError:
        raise MediaError("clip-altered") from None
    except FileNotFoundError:
        raise MediaError("clip-original-missing") from None


def make_slogan_media(
    layout: SloganLayout, panel: Panel, blobs: BlobStore, background_sha256: str | None = None
) -> tuple[PlaylistMedia, ...]:
    """Draw a slogan for *panel*: a picture (with its motion), and a film or a GIF of what moves; durable.

    *background_sha256*: a picture that was converted for *panel*, drawn behind the text.
    """
    if background_sha256 is None:
        picture = render_slogan(layout)
    else:
        with Image.open(blobs.get_path(background_sha256)) as background:
            picture = render_text_over_image(layout, background.convert("RGB"), get_min_contrast(panel))
    media: list[PlaylistMedia] = []
    motion, plays = slogan_media.get_motion(layout), panel.plays
    plays_films = "film" in plays and "h264" in panel.codecs
    if ("still" if motion is None else "animation") in plays or not plays_films:
        data = png.encode_png(picture)
        media.append(create_media(blobs.put(data), len(data), "image/png", picture.width, picture.height, motion))
    if motion is not None and not plays_films and "animation" in plays:
        data = slogan_media.render_gif(layout, picture, panel)
        media.append(create_media(blobs.put(data), len(data), "image/gif", panel.width, panel.height))
    if plays_films and (motion is not None or not media):
        data = slogan_media.render_mp4(layout, picture, panel)
        media.append(create_media(blobs.put(data), len(data), "video/mp4", panel.width, panel.height))
    return tuple(media)


def make_fallback_media(panel: Panel, blobs: BlobStore) -> tuple[PlaylistMedia, ...]:
    """Draw the built-in fallback picture for *panel*; durable."""
    data = png.encode_png(render_fallback_image(panel))
    return (create_media(blobs.put(data), len(data), "image/png", panel.width, panel.height),)


def create_media(
    sha256: str, size: int, media_type: str, width: int, height: int, motion: Motion | None = None
) -> PlaylistMedia:
    """Return the playlist's record of a stored file."""
    return PlaylistMedia(
        href=f"/media/{sha256}.{_EXTENSIONS[media_type]}",
        type=media_type,
        sha256=sha256,
        bytes=size,
        width=width,
        height=height,
        motion=motion if motion is not None else msgspec.UNSET,
    )
