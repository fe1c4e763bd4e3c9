"""Decoding by libsndfile of files that FFmpeg does not open, and of those that it decodes more slowly.

libsndfile does not say what is damaged, and its MP3 decoder prints notes about damage and tags to the
terminal. It gets only MP3 files that are whole by their checksum, without their tags.
"""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import numpy as np
import soundfile

from pipelines.audio.damage import Damage, require_finite
from pipelines.audio.mp3 import id3_size, is_whole_mp3

_CHUNK_SECONDS = 10.0
"""Length of chunks: that of `files.blocks`, which need not be put together then."""
_OGG_MAGIC = b"OggS"


class _SequentialFile(soundfile.SoundFile):
    """File that is read from start to end.

    After each read of a seekable file, soundfile seeks to where it is: libmpg123 then lacks bits that the
    next frame refers to, and decodes it wrongly.
    """

    def seekable(self) -> bool:
        return False


class LibsndfileFile:
    """Open audio file of one or two channels, with the attributes of `decoding.AudioFile`."""

    lossy = True

    def __init__(self, path: Path, file: io.BufferedReader, codec: str, subtype: str) -> None:
        """Opens a file.

        Args:
            path: of the file, for messages.
            file: the file; closed with this one.
            codec: name of the codec.
            subtype: soundfile's name of the codec.

        Raises:
            soundfile.LibsndfileError: if it is of another codec, or has more than two channels.
        """
        self.path, self.codec, self._source = path, codec, file
        os.lseek(file.fileno(), id3_size(file), os.SEEK_SET)
        self._file = _SequentialFile(file.fileno(), closefd=False)  # by Python's own reads, a fifth slower
        self.sample_rate, self.channels = self._file.samplerate, self._file.channels
        self.damage = Damage(path)
        if self._file.subtype != subtype or self.channels > 2:
            raise soundfile.LibsndfileError(1)  # the code of an unknown format

    def __enter__(self) -> LibsndfileFile:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._source.close()

    def chunks(self) -> Iterator[np.ndarray]:
        """Decodes the file.

        Yields:
            float32 [samples, channels], at `sample_rate`.

        Raises:
            UserError: if samples are not numbers.
        """
        count, size = 0, round(_CHUNK_SECONDS * self.sample_rate)
        while len(chunk := self._file.read(size, dtype="float32", always_2d=True)):
            count += len(chunk)
            yield require_finite(chunk, self.path)
        self.damage = self.damage.at_end(count / self.sample_rate, self._file.frames / self.sample_rate)


def open_vorbis(path: Path) -> LibsndfileFile | None:
    """An Ogg Vorbis file, open; None for other files.

    Some encoders repeat the headers in the first page of sound. libvorbis skips them; FFmpeg (6 and 7)
    refuses the file.
    """
    return _opened(path, _is_ogg, "Ogg Vorbis", "VORBIS")


def open_whole_mp3(path: Path) -> LibsndfileFile | None:
    """An MP3 file that is whole by its checksum, open; None for other files."""
    return _opened(path, is_whole_mp3, "MP3", "MPEG_LAYER_III")


def _opened(
    path: Path, is_known: Callable[[IO[bytes]], bool], codec: str, subtype: str
) -> LibsndfileFile | None:
    """The file, open; None if it cannot be read or `is_known` is false for it."""
    if not path.is_file():
        return None
    with contextlib.ExitStack() as resources, contextlib.suppress(OSError, soundfile.LibsndfileError):
        file = resources.enter_context(path.open("rb"))
        if is_known(file):
            opened = LibsndfileFile(path, file, codec, subtype)
            resources.pop_all()
            return opened
    return None


def _is_ogg(file: IO[bytes]) -> bool:
    return file.read(len(_OGG_MAGIC)) == _OGG_MAGIC
