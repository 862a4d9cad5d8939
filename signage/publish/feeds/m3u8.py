"""Encodes a feed as extended M3U, for mpv, VLC, Kodi and most boxes. No tag may look like HLS (``#EXT-X-``)."""

from signage.publish.feeds.current_loop import FeedLoop, format_seconds


def encode_m3u8(loop: FeedLoop, base: str, modified_at: int) -> bytes:
    """Encode the loop: for each entry a line with duration and title, then a line with its URL.

    VLC takes the duration of a picture from an option line before them.
    """
    lines = ["#EXTM3U"]
    for entry in loop.entries:
        duration = format_seconds(entry.duration_ms)
        if entry.is_still_image:
            lines.append(f"#EXTVLCOPT:image-duration={duration}")
        lines.append(f"#EXTINF:{duration},{entry.title}")
        lines.append(base + entry.media.href)
    return ("\n".join(lines) + "\n").encode()
