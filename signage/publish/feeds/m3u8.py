"""Extended M3U: for mpv, VLC, Kodi and most boxes. Nothing in it may look like HLS (no ``#EXT-X-``)."""

from signage.publish.feeds.current_loop import FeedLoop, format_seconds


def encode_m3u8(loop: FeedLoop, base: str, modified_at: int) -> bytes:
    """The list: for each entry its length and title on a line, its address on the next.

    VLC shows a picture for as long as it is told by an option that stands before them.
    """
    lines = ["#EXTM3U"]
    for entry in loop.entries:
        length = format_seconds(entry.duration_ms)
        if entry.is_still_image:
            lines.append(f"#EXTVLCOPT:image-duration={length}")
        lines.append(f"#EXTINF:{length},{entry.title}")
        lines.append(base + entry.media.href)
    return ("\n".join(lines) + "\n").encode()
