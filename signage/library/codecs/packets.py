"""Reads the packets of a film with time stamps that never jump. Sandboxed.

1. Packets that an edit list (ISO/IEC 14496-12, ``elst``) hides are decoded, because later frames refer to them, and
   count for nothing: neither shown nor part of the length.
2. An MPEG stream may be joined from parts, each with a clock of its own. Where the decoding time jumps back, or ahead
   by more than ``MAX_GAP_S``, the stamps continue one frame later; a smaller gap is real time without frames.
3. A part that begins between two key frames begins with the next key frame: the frames before it cannot be decoded.
   So does what follows lost packets in MPEG-1 and MPEG-2, whose decoders do not tell a damaged picture.
4. A packet that is marked as incomplete may be whole (a counter jumped). A frame is missing where a gap in the decoding
   times stands beside such a packet: no decoder tells that, and the pictures after it are damaged.
5. The sound of a joined stream follows the picture: its n-th jump is taken as the n-th jump of the picture.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any, BinaryIO

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream
from av.video.stream import VideoStream

from signage.library.codecs.edit_lists import list_blank_intervals
from signage.library.codecs.file_type import FileFormat

MAX_GAP_S = Fraction(2)
_JOINABLE_DEMUXERS = ("mpegts", "mpeg")
_CODECS_WITHOUT_ERRORS = ("mpeg1video", "mpeg2video")
_GAP_STEPS = Fraction(3, 2)
_NEAR_PACKETS = 3
_DEFAULT_STEP_S = Fraction(1, 25)


def is_joinable(file_format: FileFormat) -> bool:
    """Whether files of this format may be joined from parts (2)."""
    return file_format.demuxer in _JOINABLE_DEMUXERS


class StampJoiner:
    """Makes the time stamps of one track continuous (2).

    *offsets*: what each jump was corrected by (s); *has_gap*: whether frames are missing before the last packet.
    """

    def __init__(self, track: Stream, known_offsets: Sequence[Fraction] = ()) -> None:
        self._base = track.time_base or Fraction(1, 90_000)
        self._known_offsets = known_offsets
        self._offset = 0
        self._last_dts: int | None = None
        self._step = round(_DEFAULT_STEP_S / self._base)
        self.offsets: list[Fraction] = []
        self.has_gap = False

    def join(self, packet: "Packet[Any]") -> bool:
        """Correct the stamps of *packet*, the next of the track; return whether it begins a new part."""
        if packet.dts is None:
            return False
        step = 0 if self._last_dts is None else packet.dts - self._last_dts
        is_jump = self._last_dts is not None and not 0 <= step * self._base <= MAX_GAP_S
        if is_jump:
            self._correct(-step + self._step)
        self.has_gap = not is_jump and step > _GAP_STEPS * self._step
        if step and not is_jump and not self.has_gap:
            self._step = step
        self._last_dts = packet.dts
        if packet.pts is not None:
            packet.pts += self._offset
        packet.dts += self._offset
        return is_jump

    def _correct(self, ticks: int) -> None:
        number = len(self.offsets)
        self._offset += ticks
        if number < len(self._known_offsets):  # (5)
            self._offset = round(self._known_offsets[number] / self._base)
        self.offsets.append(self._offset * self._base)


class PicturePackets:
    """Iterates once over the packets of *track*, the last (empty) one included, which flushes the decoder.

    *source*: the file that *container* reads. Raises MediaError: an edit list cannot be followed (``edit_lists``).

    *offsets*: the corrections of its jumps so far; *has_damage*: whether a packet of an MPEG stream was
    incomplete so far; *has_loss*: whether a frame is missing beside one (4).
    """

    def __init__(
        self, source: BinaryIO, container: InputContainer, track: VideoStream, file_format: FileFormat
    ) -> None:
        self._container, self._track = container, track
        self._hides_errors = track.codec_context.codec.canonical_name in _CODECS_WITHOUT_ERRORS
        self._blank = list_blank_intervals(source, track.id) if file_format.demuxer == "mov" else ()
        self._joiner = StampJoiner(track) if is_joinable(file_format) else None
        self.has_damage = self.has_loss = False

    @property
    def offsets(self) -> tuple[Fraction, ...]:
        return tuple(self._joiner.offsets) if self._joiner is not None else ()

    def __iter__(self) -> Iterator["Packet[VideoStream]"]:
        is_waiting = self._joiner is not None
        since_corrupt = since_gap = _NEAR_PACKETS + 1
        for packet in self._container.demux(self._track):
            if self._joiner is not None and packet.size:
                is_waiting = self._joiner.join(packet) or is_waiting or (packet.is_corrupt and self._hides_errors)
                if is_waiting and not packet.is_keyframe:  # (3)
                    continue
                is_waiting = False
                since_corrupt = 0 if packet.is_corrupt else since_corrupt + 1
                since_gap = 0 if self._joiner.has_gap else since_gap + 1
                self.has_damage |= packet.is_corrupt
                self.has_loss |= max(since_corrupt, since_gap) <= _NEAR_PACKETS
            yield packet

    def is_hidden(self, packet: "Packet[VideoStream]") -> bool:
        """Whether the frame of *packet* is decoded and not shown (1)."""
        return packet.is_discard or self.is_blank(packet)

    def is_blank(self, shown: "Packet[VideoStream] | av.VideoFrame") -> bool:
        """Whether an edit list shows nothing at the time of a packet or a frame."""
        if not self._blank or shown.pts is None or not shown.time_base:
            return False
        at = shown.pts * shown.time_base
        return any(begin <= at < end for begin, end in self._blank)


def decode_sound(
    container: InputContainer, file_format: FileFormat, offsets: Sequence[Fraction] = ()
) -> Iterator[av.AudioFrame]:
    """Decode the first sound track; *offsets*: the corrections of the picture's jumps (5)."""
    track: AudioStream = container.streams.audio[0]
    joiner = StampJoiner(track, offsets) if is_joinable(file_format) else None
    for packet in container.demux(track):
        if joiner is not None and packet.size:
            joiner.join(packet)
        yield from packet.decode()
