"""Encoding of songs by FFmpeg in common containers, for benchmarks and tests."""

from __future__ import annotations

import io
from collections.abc import Mapping

import av
import numpy as np
import soundfile

SAMPLE_RATE = 44100

# FFmpeg's container, encoder and sample rate, by suffix.
_CODINGS = {
    ".wav": ("wav", "pcm_s16le", SAMPLE_RATE),
    ".flac": ("flac", "flac", SAMPLE_RATE),
    ".mp3": ("mp3", "libmp3lame", SAMPLE_RATE),
    ".m4a": ("ipod", "aac", SAMPLE_RATE),
    ".mp4": ("mp4", "alac", SAMPLE_RATE),
    ".aac": ("adts", "aac", SAMPLE_RATE),
    ".opus": ("opus", "libopus", 48000),
    ".webm": ("webm", "libopus", 48000),
    ".mka": ("matroska", "flac", SAMPLE_RATE),
    ".oga": ("ogg", "flac", SAMPLE_RATE),
    ".wma": ("asf", "wmav2", SAMPLE_RATE),
    ".aiff": ("aiff", "pcm_s16be", SAMPLE_RATE),
    ".caf": ("caf", "alac", SAMPLE_RATE),
    ".wv": ("wv", "wavpack", SAMPLE_RATE),
    ".ac3": ("ac3", "ac3", SAMPLE_RATE),
}
_VORBIS = ".ogg"
SUFFIXES = (*_CODINGS, _VORBIS)

_BITS_PER_SECOND = 128_000


def encoded(suffix: str, samples: np.ndarray, options: Mapping[str, str] | None = None) -> bytes:
    """Content of an encoded song.

    Args:
        suffix: one of SUFFIXES.
        samples: float32 [samples, 2] at SAMPLE_RATE.
        options: options of FFmpeg's container.

    Returns:
        Content of the file.
    """
    content = io.BytesIO()
    if suffix == _VORBIS:  # FFmpeg in PyAV has no good Vorbis encoder
        soundfile.write(content, samples, SAMPLE_RATE, "VORBIS", format="OGG")
        return content.getvalue()
    container, codec, rate = _CODINGS[suffix]
    with av.open(content, "w", format=container, options=dict(options or {})) as file:
        stream = file.add_stream(codec, rate=rate, layout="stereo")
        stream.bit_rate = _BITS_PER_SECOND
        wanted = stream.codec_context
        resampler = av.AudioResampler(wanted.format, "stereo", rate, wanted.frame_size or 1024)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples.T), "fltp", "stereo")
        frame.sample_rate, frame.pts = SAMPLE_RATE, 0
        for resampled in (*resampler.resample(frame), *resampler.resample(None)):
            file.mux(stream.encode(resampled))
        file.mux(stream.encode(None))
    return content.getvalue()
