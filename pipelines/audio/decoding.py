"""Decoding of whole audio files by FFmpeg (PyAV), by content and not by file name."""

from __future__ import annotations

import contextlib
import io
import itertools
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import soxr

from pipelines.audio.damage import Damage, require_finite
from pipelines.audio.downmix import to_stereo
from pipelines.audio.headers import DeclaredLength
from pipelines.audio.mp3 import id3_size, is_truncated_mp3_frame
from pipelines.errors import UserError

CHUNK_SAMPLES = 1 << 15
"""Samples of a chunk: many of FFmpeg's short frames, few enough for the processor's cache."""

# Containers that users have. Others (playlists, image sequences, devices) could open files or addresses.
_CONTAINERS = (
    "aac,ac3,aiff,amr,amrnb,amrwb,ape,asf,au,avi,caf,dsf,dts,eac3,flac,flv,iff,loas,matroska,mlp,mov,mp3,mpc,"
    "mpc8,mpeg,mpegts,ogg,oma,qoa,rm,shn,sox,tak,truehd,tta,voc,w64,wav,wsd,wv,xwma"
)
_OPTIONS = {"format_whitelist": _CONTAINERS, "protocol_whitelist": ""}
# By default, FFmpeg searches five megabytes for other codecs (30 ms of a WAVE file's 80).
_PROBE_BYTES, _RIFF_PROBE_BYTES = 500_000, 50_000
_BUFFER_BYTES = 1 << 16
_MAX_READ_ERRORS = 100
"""Consecutive read errors that end a file."""
_MIN_RATE, _MAX_RATE = 1000, 6_000_000
"""Sample rates from telephones to DSD1024, in which a byte is a sample, Hz."""
_MAX_PLANES = 7
"""Channels up to which PyAV counts a frame's planes correctly; beyond, it reads out of bounds."""

# FFmpeg's sample formats without their "p" for planar: dtype, silence, and full scale above it.
_FORMATS = {
    "u8": (np.uint8, 128, 2.0**7),
    "s16": (np.int16, 0, 2.0**15),
    "s32": (np.int32, 0, 2.0**31),
    "s64": (np.int64, 0, 2.0**63),
    "flt": (np.float32, 0, 1.0),
    "dbl": (np.float64, 0, 1.0),
}
_FLOAT_FORMATS = ("flt", "dbl")
_NAMES = {"mp3": "MP3", "mp2": "MP2", "aac": "AAC", "vorbis": "Ogg Vorbis", "opus": "Opus", "alac": "ALAC"}

av.logging.set_level(av.logging.PANIC)  # FFmpeg's messages name no file; `Damage` has the information


class NotAudioError(UserError):
    """Error for a file without audio in a supported container."""


class AudioFile:
    """Open audio file: context manager with an iterator over its samples.

    Attributes:
        path: of the file.
        sample_rate: Hz.
        channels: number of channels of `chunks`, 1 or 2.
        codec: name of the codec, such as "MP3" or "FLAC 16 bit".
        lossy: true for lossy codecs.
        damage: the part that could not be decoded; complete when `chunks` is exhausted.
    """

    def __init__(self, path: str | Path) -> None:
        """Opens a file and finds its audio stream.

        Raises:
            UserError: if the file is missing or empty, or holds no audio.
        """
        self.path = Path(path)
        with contextlib.ExitStack() as resources:
            file = resources.enter_context(_opened(self.path))
            self._container = resources.enter_context(_container(self.path, file))
            self._stream = _audio_stream(self.path, self._container)
            self._declared = DeclaredLength.from_file(file, self._container, self._stream)
            self._resources = resources.pop_all()
        context = self._stream.codec_context
        self.sample_rate, self.channels = context.sample_rate, min(context.layout.nb_channels, 2)
        self.codec = _codec_name(self._container, self._stream)
        self.lossy = not context.codec.lossless
        self.damage = Damage(self.path)

    def __enter__(self) -> AudioFile:
        return self

    def __exit__(self, *_: object) -> None:
        self._resources.close()

    def chunks(self) -> Iterator[np.ndarray]:
        """Decodes the file; damaged packets are left out.

        Yields:
            float32 [samples, channels], at `sample_rate`; values beyond [-1, 1] are possible.

        Raises:
            UserError: if nothing can be decoded, or samples are not numbers.
        """
        count, limit = 0, self._declared.max_samples
        for chunk in self._uniform():
            chunk = chunk[: None if limit is None else max(limit - count, 0)]
            count += len(chunk)
            if len(chunk):
                yield chunk
        if not count:
            raise UserError(f"{self.path} holds no sound that can be decoded: copy or convert it again")
        self.damage = self.damage.at_end(count / self.sample_rate, self._declared.seconds)

    def _uniform(self) -> Iterator[np.ndarray]:
        """Chunks at one rate with one number of channels, even if the file changes them midway."""
        sections = itertools.groupby(self._frames(), lambda f: (f.sample_rate, f.layout.name, f.format.name))
        for (rate, _, sample_format), frames in sections:
            chunks = (_with_channels(chunk, self.channels) for chunk in _joined(frames))
            if sample_format.startswith(_FLOAT_FORMATS):
                chunks = (require_finite(chunk, self.path) for chunk in chunks)
            yield from resampled(chunks, rate, self.sample_rate, self.channels)

    def _frames(self) -> Iterator[av.AudioFrame]:
        """Decoded frames, in order."""
        last = av.Packet()
        decode = self._stream.codec_context.decode
        for packet in self._packets():
            last = packet if packet.size else last
            try:
                yield from decode(packet)
            except av.FFmpegError:
                seconds = float((packet.duration or 0) * (packet.time_base or 0))
                self.damage = self.damage.with_lost(seconds)
        if self._container.format.name == "mp3" and is_truncated_mp3_frame(bytes(last)):
            self.damage = self.damage.with_lost(0.0)

    def _packets(self) -> Iterator[av.Packet]:
        """Packets of the audio stream, and an empty one at the end, which flushes the decoder."""
        failures = 0
        while failures < _MAX_READ_ERRORS:
            try:
                for packet in self._container.demux(self._stream):
                    failures = 0
                    yield packet
                return
            except av.FFmpegError:
                failures += 1
        self.damage = self.damage.with_lost(0.0)
        yield av.Packet()


def resampled(
    chunks: Iterator[np.ndarray], rate: int, target_rate: int, channels: int
) -> Iterator[np.ndarray]:
    """Resampled chunks (soxr, high quality).

    Args:
        chunks: float32 [samples, channels].
        rate: of the chunks, Hz.
        target_rate: of the result, Hz.
        channels: number of channels.

    Yields:
        float32 [samples, channels].
    """
    if rate == target_rate:
        yield from chunks
        return
    resampler = soxr.ResampleStream(rate, target_rate, channels, dtype="float32")
    for chunk in chunks:
        yield resampler.resample_chunk(chunk)
    yield resampler.resample_chunk(np.zeros((0, channels), np.float32), last=True)


class _UntaggedFile:
    """File-like object of an audio file without its ID3 tags, and without its name.

    FFmpeg would guess the format by the name, and finds a FLAC or AAC stream behind a picture of up to a
    megabyte only.
    """

    def __init__(self, file: io.BufferedReader) -> None:
        self._file, self._start = file, id3_size(file)
        self.read = file.read
        self.seek(0)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = self._start if whence == os.SEEK_SET else 0
        return self._file.seek(start + offset, whence) - self._start

    def tell(self) -> int:
        return self._file.tell() - self._start


def _opened(path: Path) -> io.BufferedReader:
    """File object of a file that is not empty."""
    if not path.is_file():
        raise UserError(f"{path} is not a file: check the name")
    if path.stat().st_size == 0:
        raise NotAudioError(f"{path} is empty (zero bytes): copy it again")
    try:
        return path.open("rb")
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror}): change who may read it") from error


def _container(path: Path, file: io.BufferedReader) -> Any:
    """Open container of FFmpeg."""
    probed = _RIFF_PROBE_BYTES if file.read(4) == b"RIFF" else _PROBE_BYTES
    options = _OPTIONS | {"probesize": str(probed)}
    try:
        return av.open(
            _UntaggedFile(file), options=options, metadata_errors="replace", buffer_size=_BUFFER_BYTES
        )
    except av.FFmpegError as error:
        if "moov" in str(error):  # the index at the end of an MP4 file
            raise UserError(
                f"{path} is cut off: its end, which says where its sound lies, is missing: copy it again"
            ) from error
        raise NotAudioError(
            f"{path} is not a readable audio file: check that it plays, or convert it again"
        ) from error


def _audio_stream(path: Path, container: Any) -> Any:
    stream = container.streams.best("audio")
    if stream is None:
        raise NotAudioError(f"{path} holds no sound (only {_kinds(container)}): leave it out")
    context = stream.codec_context
    if context is None:
        raise UserError(
            f"{path} holds sound in a coding that FFmpeg does not know: convert it to flac or mp3"
        )
    if not _MIN_RATE <= context.sample_rate <= _MAX_RATE or not context.layout.nb_channels:
        raise UserError(f"{path} is damaged (its header says {context.sample_rate} Hz): copy it again")
    return stream


def _kinds(container: Any) -> str:
    return " and ".join(sorted({stream.type for stream in container.streams})) or "a header"


def _codec_name(container: Any, stream: Any) -> str:
    codec = stream.codec_context.codec.canonical_name
    if codec in _NAMES:
        return _NAMES[codec]
    if found := re.fullmatch(r"pcm_([a-z])(\d+)(?:le|be)?", codec):
        bits = "float" if found[1] == "f" else f"{found[2]} bit"
        return f"{container.format.name.upper()} {bits}"
    if codec == "flac":
        return "FLAC 16 bit" if stream.codec_context.format.bits == 16 else "FLAC 24 bit"
    return codec.upper()


def _joined(frames: Iterator[av.AudioFrame]) -> Iterator[np.ndarray]:
    """Frames of one format, joined to `CHUNK_SAMPLES` or slightly more: float32 [samples, 1 or 2]."""
    fifo = av.AudioFifo()
    for frame in frames:
        frame.pts = None  # timestamps have gaps after damaged packets
        fifo.write(frame)
        if fifo.samples >= CHUNK_SAMPLES:
            yield _chunk(fifo.read())
    if fifo.samples:
        yield _chunk(fifo.read())


def _chunk(frame: Any) -> np.ndarray:
    """Samples of a frame, float32 [samples, 1 or 2]."""
    if frame.format.is_planar and frame.layout.nb_channels > _MAX_PLANES:
        (frame,) = av.AudioResampler(frame.format.packed).resample(frame)
    dtype, silence, scale = _FORMATS[frame.format.name.removesuffix("p")]
    count = frame.samples
    if frame.format.is_planar:
        samples = np.stack([np.frombuffer(plane, dtype, count) for plane in frame.planes], axis=1)
    else:
        size = count * frame.layout.nb_channels
        samples = np.frombuffer(frame.planes[0], dtype, size).reshape(count, -1)
    if dtype is not np.float32:
        samples = np.multiply(samples, 1 / scale, dtype=np.float32)
        if silence:
            samples -= silence / scale
    return to_stereo(samples, [channel.name for channel in frame.layout.channels])


def _with_channels(samples: np.ndarray, channels: int) -> np.ndarray:
    if samples.shape[1] == channels:
        return samples
    return np.repeat(samples, 2, axis=1) if channels == 2 else samples.mean(axis=1, keepdims=True)
