"""Making renditions: a recipe done in the jail, a slogan drawn; the bytes go into the store, their facts come back."""

import msgspec
from PIL import Image

from signage.library import slogan_media as slogans
from signage.library.blobs import BlobStore
from signage.library.codecs.clip_jobs import AnimationJob, EncodedFile, FilmJob, RenditionSpec
from signage.library.sandbox.confinement import SandboxLimits
from signage.library.sandbox.job_messages import ProgressCallback
from signage.library.sandbox.media_error import MediaError
from signage.library.sandbox.supervisor import SandboxPool, ignore_progress
from signage.library.settings import LibraryConfig
from signage.model.panel import Panel
from signage.pixels.image import png
from signage.pixels.slogan import fallback_image as still
from signage.pixels.slogan.legibility import get_min_contrast
from signage.pixels.slogan.slogan import render_slogan
from signage.pixels.slogan.slogan_layout import SloganLayout
from signage.pixels.slogan.text_over_image import render_text_over_image
from signage.protocol.playlist import Motion, PlaylistMedia

MB = 1_000_000
_ENDINGS = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "video/mp4": "mp4"}
_FILM_MEMORY_FACTOR = 2
"""A film's decoder, filters and encoder together need more memory than looking at it."""


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
        original = blobs.get_original_path(spec.sha256)
        files = sandbox.run(spec, list[EncodedFile], limits, original, targets, progress)
        media = []
        for target, file in zip(targets, files, strict=True):
            size = target.stat().st_size
            media.append(create_media(blobs.put_file(target), size, file.type, file.width, file.height))
        return tuple(media)
    finally:
        for target in targets:
            target.unlink(missing_ok=True)


def make_slogan_media(
    setting: SloganLayout, panel: Panel, blobs: BlobStore, behind: str | None = None
) -> tuple[PlaylistMedia, ...]:
    """A slogan's media on *panel*: the picture (with its motion), and what moves as a film, or as a GIF; durable.

    *behind*: the sha256 of a picture of our own making, which then stands behind the text.
    """
    if behind is None:
        picture = render_slogan(setting)
    else:
        with Image.open(blobs.get_path(behind)) as backdrop:
            picture = render_text_over_image(setting, backdrop.convert("RGB"), get_min_contrast(panel))
    found: list[PlaylistMedia] = []
    motion, plays = slogans.get_motion(setting), panel.plays
    films = "film" in plays and "h264" in panel.codecs
    if ("still" if motion is None else "animation") in plays or not films:
        data = png.encode_png(picture)
        found.append(create_media(blobs.put(data), len(data), "image/png", picture.width, picture.height, motion))
    if motion is not None and not films and "animation" in plays:
        data = slogans.render_gif(setting, picture, panel)
        found.append(create_media(blobs.put(data), len(data), "image/gif", panel.width, panel.height))
    if films and (motion is not None or not found):
        data = slogans.render_mp4(setting, picture, panel)
        found.append(create_media(blobs.put(data), len(data), "video/mp4", panel.width, panel.height))
    return tuple(found)


def make_fallback_media(panel: Panel, blobs: BlobStore) -> tuple[PlaylistMedia, ...]:
    """The built-in still on *panel*; durable."""
    data = png.encode_png(still.render_fallback_image(panel))
    return (create_media(blobs.put(data), len(data), "image/png", panel.width, panel.height),)


def create_media(
    sha256: str, size: int, kind: str, width: int, height: int, motion: Motion | None = None
) -> PlaylistMedia:
    """The document's words for stored bytes."""
    return PlaylistMedia(
        href=f"/media/{sha256}.{_ENDINGS[kind]}",
        type=kind,
        sha256=sha256,
        bytes=size,
        width=width,
        height=height,
        motion=motion if motion is not None else msgspec.UNSET,
    )
