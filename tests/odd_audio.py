"""Audio files of the kinds that people have, most of them made as odd as real ones are."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
import soundfile

from tools.benchmarks import encoding

RATE = encoding.SAMPLE_RATE


def music(seconds: float = 4.0, rate: int = RATE) -> np.ndarray:
    """Tones that come and go, different in both channels: float32 [samples, 2]."""
    time = np.arange(round(seconds * rate)) / rate
    swell = 0.6 + 0.4 * np.sin(2 * np.pi * 2 * time)
    waves = [0.2 * swell * np.sin(2 * np.pi * hertz * time + 1) for hertz in (330.0, 495.0)]
    return np.stack(waves, axis=1).astype(np.float32)


CODINGS = tuple(suffix for suffix in encoding.SUFFIXES if suffix not in (".wav", ".flac", ".ogg"))
"""Endings of codings that soundfile does not write."""


def write(path: Path, samples: np.ndarray, **options: str) -> Path:
    """Encodes samples, float32 [samples, 2] at RATE, by the ending of the path.

    Args:
        path: of the file.
        samples: to be encoded.
        options: of FFmpeg's container.
    """
    path.write_bytes(encoding.encoded(path.suffix, samples, options))
    return path


def wav(samples: np.ndarray) -> bytes:
    """A WAV file of 16 bits."""
    file = io.BytesIO()
    soundfile.write(file, samples, RATE, "PCM_16", format="WAV")
    return file.getvalue()


def with_sizes(content: bytes, riff: int, data: int) -> bytes:
    """A WAV file whose header states other sizes."""
    place = content.index(b"data") + 4
    return (
        content[:4]
        + struct.pack("<I", riff)
        + content[8:place]
        + struct.pack("<I", data)
        + content[place + 4 :]
    )


def flac_without_length(samples: np.ndarray) -> bytes:
    """A FLAC file whose STREAMINFO says 0 samples, as encoders write that cannot seek."""
    file = io.BytesIO()
    soundfile.write(file, samples, RATE, "PCM_16", format="FLAC")
    content = bytearray(file.getvalue())
    content[21] &= 0xF0  # the 36 bits after the sample format: 4 of this byte, and the next four bytes
    content[22:26] = bytes(4)
    return bytes(content)


def picture_tag(size: int) -> bytes:
    """An ID3v2.3 tag with a picture (random bytes), to stand before an MP3 file."""
    return tag(b"APIC", b"\0image/png\0\3\0" + np.random.default_rng(0).bytes(size))


def title_tag(title: str) -> bytes:
    """An ID3v2.3 tag with a title, likewise."""
    return tag(b"TIT2", b"\0" + title.encode("latin-1"))


def tag(kind: bytes, content: bytes) -> bytes:
    """An ID3v2.3 tag of one frame."""
    frame = kind + struct.pack(">IH", len(content), 0) + content
    return b"ID3\3\0\0" + bytes(len(frame) >> shift & 0x7F for shift in (21, 14, 7, 0)) + frame


def ogg_with_repeated_headers(samples: np.ndarray) -> bytes:
    """An Ogg Vorbis file whose first page of sound begins with its three headers once more."""
    file = io.BytesIO()
    soundfile.write(file, samples, RATE, format="OGG", subtype="VORBIS")
    pages = _ogg_pages(file.getvalue())
    first_of_sound = next(
        number for number, page in enumerate(pages) if page[6:14] not in (bytes(8), b"\xff" * 8)
    )
    headers = [_split_page(page) for page in pages[:first_of_sound]]
    lacing, body = _split_page(pages[first_of_sound])
    lacing = b"".join([each for each, _ in headers]) + lacing
    body = b"".join([each for _, each in headers]) + body
    pages[first_of_sound] = pages[first_of_sound][:26] + bytes([len(lacing)]) + lacing + body
    return b"".join(_with_checksum(page) for page in pages)


def _ogg_pages(content: bytes) -> list[bytes]:
    pages = []
    while content:
        lacing, body = _split_page(content)
        size = 27 + len(lacing) + len(body)
        pages.append(content[:size])
        content = content[size:]
    return pages


def _split_page(page: bytes) -> tuple[bytes, bytes]:
    """Segment table and body of the page that the bytes begin with (RFC 3533, section 6)."""
    lacing = page[27 : 27 + page[26]]
    return lacing, page[27 + len(lacing) : 27 + len(lacing) + sum(lacing)]


def _with_checksum(page: bytes) -> bytes:
    """The page with its CRC: polynomial 0x04C11DB7, not reflected, of the page with a CRC of 0."""
    page = page[:22] + bytes(4) + page[26:]
    checksum = 0
    for byte in page:
        checksum ^= byte << 24
        for _ in range(8):
            checksum = (checksum << 1 ^ (0x04C11DB7 if checksum >> 31 else 0)) & 0xFFFFFFFF
    return page[:22] + struct.pack("<I", checksum) + page[26:]
