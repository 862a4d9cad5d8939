"""Detects a file format by its leading bytes, whatever its name: the allow-list, and names for rejected formats."""

from dataclasses import dataclass

from signage.library.sandbox.media_error import MediaError

LEADING_BYTES = 4096


@dataclass(frozen=True, slots=True)
class FileFormat:
    """An accepted file format. *demuxer*: FFmpeg's name of a film container, None for a picture format."""

    name: str
    type: str
    ending: str
    demuxer: str | None = None


JPEG = FileFormat("JPEG", "image/jpeg", "jpg")
PNG = FileFormat("PNG", "image/png", "png")
GIF = FileFormat("GIF", "image/gif", "gif")
WEBP = FileFormat("WEBP", "image/webp", "webp")
BMP = FileFormat("BMP", "image/bmp", "bmp")
MP4 = FileFormat("MP4", "video/mp4", "mp4", "mov")
MOV = FileFormat("MOV", "video/quicktime", "mov", "mov")
WEBM = FileFormat("WebM", "video/webm", "webm", "matroska")
MPEG_PS = FileFormat("MPEG", "video/mpeg", "mpg", "mpeg")
MPEG_TS = FileFormat("MPEG-TS", "video/mp2t", "ts", "mpegts")
MPEG_ES = FileFormat("MPEG video", "video/mpeg", "mpv", "mpegvideo")

_SIGNATURES: tuple[tuple[bytes, FileFormat], ...] = (
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"BM", BMP),
    (b"\x00\x00\x01\xba", MPEG_PS),
    (b"\x00\x00\x01\xb3", MPEG_ES),
)
_QUICKTIME = (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
_STILL_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis", b"jxl ")

_REJECTED_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"#EXTM3U", "M3U/HLS"),
    (b"ffconcat", "ffconcat"),
    (b"<?xml", "XML/SVG"),
    (b"<svg", "SVG"),
    (b"<!DOCTYPE", "HTML"),
    (b"<html", "HTML"),
    (b"%PDF", "PDF"),
    (b"PK\x03\x04", "ZIP/Office"),
    (b"\xd0\xcf\x11\xe0", "DOC/PPT"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
    (b"8BPS", "PSD"),
    (b"ID3", "MP3"),
    (b"OggS", "Ogg"),
    (b"fLaC", "FLAC"),
    (b"FLV", "FLV"),
    (b"\x30\x26\xb2\x75", "WMV"),
    (b"MZ", "EXE"),
    (b"\x7fELF", "ELF"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf", "7z"),
)


def detect_format(head: bytes) -> FileFormat:
    """Return the format of a file that begins with *head* (its first LEADING_BYTES).

    Raises MediaError when the file is empty or its format is not on the allow-list; names the format if it is known.
    """
    if not head:
        raise MediaError("clip-empty")
    for signature, file_format in _SIGNATURES:
        if head.startswith(signature):
            return file_format
    if head[:4] == b"RIFF":
        if head[8:12] == b"WEBP":
            return WEBP
        raise MediaError("clip-type", found="AVI" if head[8:12] == b"AVI " else "RIFF")
    if head[4:8] == b"ftyp":
        return _detect_base_media(head)
    if head[4:8] in _QUICKTIME:
        return MOV
    if head[:4] == b"\x1a\x45\xdf\xa3":
        if b"webm" in head[:128]:
            return WEBM
        raise MediaError("clip-type", found="MKV")
    if head[0] == 0x47 and (len(head) < 377 or (head[188] == 0x47 and head[376] == 0x47)):
        return MPEG_TS
    rejected = _identify_rejected(head)
    raise MediaError("clip-type", found=rejected) if rejected else MediaError("clip-type-unknown")


def _detect_base_media(head: bytes) -> FileFormat:
    brand = head[8:12]
    if brand in _STILL_BRANDS:
        raise MediaError("clip-type", found="HEIF/AVIF")
    if brand in (b"M4A ", b"M4B "):
        raise MediaError("clip-no-picture")
    return MOV if brand == b"qt  " else MP4


def _identify_rejected(head: bytes) -> str | None:
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    for signature, name in _REJECTED_SIGNATURES:
        if text[: len(signature)].lower() == signature.lower():
            return name
    printable = sum(byte in b"\t\r\n" or byte >= 0x20 for byte in text[:512])
    return "TXT" if text and printable == len(text[:512]) else None
