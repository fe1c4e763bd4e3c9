"""Decoding by libsndfile of the Ogg Vorbis files that FFmpeg does not open.

Some encoders repeat the headers in the first page of sound. libvorbis skips them; FFmpeg (6 and 7) refuses
the file.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile

from pipelines.audio.damage import Damage

_CHUNK_SAMPLES = 1 << 15
_MAGIC, _UNKNOWN_FORMAT = b"OggS", 1


class VorbisFile:
    """Open Ogg Vorbis file of one or two channels, with the attributes of `decoding.AudioFile`."""

    codec, lossy = "Ogg Vorbis", True

    def __init__(self, path: str | Path) -> None:
        """Opens a file.

        Raises:
            OSError: if it cannot be read.
            soundfile.LibsndfileError: if it is not Ogg Vorbis, or has more than two channels.
        """
        self.path = Path(path)
        with self.path.open("rb") as file:
            if file.read(len(_MAGIC)) != _MAGIC:  # libsndfile's other decoders print to the terminal
                raise soundfile.LibsndfileError(_UNKNOWN_FORMAT)
        self._file = soundfile.SoundFile(os.fsencode(path))
        self.sample_rate, self.channels = self._file.samplerate, self._file.channels
        self.damage = Damage(self.path)
        if self._file.subtype != "VORBIS" or self.channels > 2:
            self._file.close()
            raise soundfile.LibsndfileError(_UNKNOWN_FORMAT)

    def __enter__(self) -> VorbisFile:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def chunks(self) -> Iterator[np.ndarray]:
        """Decodes the file.

        Yields:
            float32 [samples, channels], at `sample_rate`.
        """
        count = 0
        for chunk in self._file.blocks(_CHUNK_SAMPLES, dtype="float32", always_2d=True):
            count += len(chunk)
            yield chunk
        self.damage = self.damage.at_end(count / self.sample_rate, self._file.frames / self.sample_rate)
