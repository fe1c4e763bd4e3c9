"""Atomic writing of audio files, in blocks."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from types import TracebackType

import numpy as np
import soundfile

from pipelines import outputs
from pipelines.errors import UserError

# Container, encoding, and compression from 0 (best) to 1. libsndfile's default, 0.5, is poor for mp3.
_FORMATS = {
    # 16 bits: every player and tf.audio.decode_wav read them; their noise is far below that of any inversion.
    ".wav": ("WAV", "PCM_16", None),
    ".flac": ("FLAC", "PCM_16", None),
    ".mp3": ("MP3", "MPEG_LAYER_III", 0.0),
    ".ogg": ("OGG", "VORBIS", 0.2),
}
SUFFIXES = tuple(_FORMATS)
"""Suffixes of the formats that can be written."""

# libsndfile crashes (segmentation fault) if a long Vorbis file is written in one call.
_WRITE_FRAMES = 1 << 14
# The header of a WAVE file counts bytes in 32 bits.
_WAV_BYTES = 0xFFFFFF00


class AudioWriter:
    """Context manager that writes an audio file atomically.

    Samples outside [-1, 1] are clipped in wav and flac.

    Raises:
        UserError: at any point, if the suffix is unknown, the format does not take the rate or the
            channels, the folder is missing or cannot be written to, or the disk is full.
    """

    def __init__(self, path: str | Path, sample_rate: int, channels: int) -> None:
        """Opens a temporary file beside the target.

        Args:
            path: output file; its suffix, one of SUFFIXES, determines the format.
            sample_rate: Hz.
            channels: 1 or 2.
        """
        self.path = Path(path)
        if self.path.suffix.lower() not in _FORMATS:
            raise UserError(f"{self.path} has no known audio suffix: name the output {', '.join(SUFFIXES)}")
        if not self.path.parent.is_dir():
            raise UserError(f"{self.path.parent} is not a folder: make it, or write elsewhere")
        self._temporary = outputs.temporary(self.path)
        self._frames = 0
        self._file = self._open(sample_rate, channels)

    def write(self, block: np.ndarray) -> None:
        """Appends samples, float32 [samples, channels]."""
        for start in range(0, len(block), _WRITE_FRAMES):
            self._write_some(block[start : start + _WRITE_FRAMES])

    def __enter__(self) -> AudioWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        try:
            if kind is None:
                self._require_whole()
                self._temporary.replace(self.path)
        except OSError as problem:
            raise UserError(
                f"{self.path} could not be written ({problem.strerror}): write elsewhere"
            ) from problem
        finally:
            self._temporary.unlink(missing_ok=True)

    def _open(self, sample_rate: int, channels: int) -> soundfile.SoundFile:
        container, encoding, compression = _FORMATS[self.path.suffix.lower()]
        try:
            with contextlib.suppress(FileNotFoundError):
                self.path.lstat()  # raises OSError at once if the name is too long for the file system
            self._temporary.touch()
            return soundfile.SoundFile(
                os.fsencode(self._temporary),  # soundfile cannot encode every name
                "w",
                sample_rate,
                channels,
                encoding,
                format=container,
                compression_level=compression,
            )
        except OSError as error:
            raise UserError(
                f"{self.path} could not be written ({error.strerror}): write elsewhere"
            ) from error
        except soundfile.LibsndfileError as error:
            self._temporary.unlink(missing_ok=True)
            raise UserError(
                f"{self.path}: no {container} of {channels} channels at {sample_rate} Hz exists: name it .wav"
            ) from error

    def _write_some(self, block: np.ndarray) -> None:
        try:
            self._file.write(block)
        # soundfile asserts that every frame was written.
        except (soundfile.LibsndfileError, AssertionError) as error:
            raise self._full() from error
        self._frames += len(block)
        if self._file.format == "WAV" and self._frames * self._file.channels * 2 > _WAV_BYTES:
            raise UserError(
                f"{self.path} grows beyond the 4 GB that a wav file can hold: name it .flac or .ogg"
            )

    def _require_whole(self) -> None:
        """Checks the finished file's header, because libsndfile reports no error on closing."""
        if self._frames == 0:
            return
        try:
            whole = soundfile.info(os.fsencode(self._temporary)).frames >= self._frames
        except soundfile.LibsndfileError as error:
            raise self._full() from error
        if not whole:
            raise self._full()

    def _full(self) -> UserError:
        return UserError(f"{self.path} could not be written to the end: is the disk full?")
