"""Songs in parts: the voice, which stays as it is, and the accompaniment, which is translated."""

from __future__ import annotations

import functools
from collections.abc import Iterator

import numpy as np

from pipelines.audio.loudness import loudness_gain
from pipelines.audio.song_measurement import measure_blocks
from pipelines.audio.streams import Signal, Stream
from pipelines.errors import UserError
from pipelines.stems.alignment import Alignment, aligned, require_aligned
from pipelines.stems.files import Role

_NOTHING_LEFT = 20.0
"""Loudness of a song above that of a remainder that is only a codec's noise, decibels."""


class WholeSong:
    """Song all of which is translated.

    Attributes:
        song: measurement of the song.
        accompaniment_loudness: of what is translated, LUFS.
        alignment: None, there is no stem.
    """

    def __init__(self, song: Signal, sample_rate: int) -> None:
        """Measures a song.

        Args:
            song: the song.
            sample_rate: Hz.
        """
        self._song = song.stream
        self.song = measure_blocks(song.stream(), sample_rate)
        self.accompaniment_loudness = self.song.loudness
        self.alignment: Alignment | None = None

    def accompaniment(self) -> Iterator[np.ndarray]:
        """Blocks of what is translated, float32 [samples, channels]."""
        return self._song()

    def mix(self, translation: Stream, vocals_level: float) -> Stream:
        """Mix of a translation of the accompaniment, at any loudness, with what is not translated.

        Args:
            translation: blocks of the same lengths as the song's.
            vocals_level: change of the voice's level, decibels.
        """
        del vocals_level
        return translation


class SplitSong(WholeSong):
    """Song of which the accompaniment is translated; the sum of voice and accompaniment is the song.

    Attributes:
        song: measurement of the song.
        accompaniment_loudness: LUFS.
        alignment: of the stem.
    """

    def __init__(self, song: Signal, stem: Signal, role: Role, sample_rate: int) -> None:
        """Aligns a stem with its song.

        Args:
            song: the song.
            stem: mono or stereo, of about the same length; its offset and its gain are corrected.
            role: part of the song that the stem is.
            sample_rate: of both, Hz.

        Raises:
            UserError: if the stem is silent, does not belong to the song, is too early, late, short or long,
                or is the whole song.
        """
        super().__init__(song, sample_rate)
        self._rate, self._role, self._stem = sample_rate, role, stem.stream
        self.alignment: Alignment = require_aligned(song, self.song, stem, sample_rate)
        self.accompaniment_loudness = measure_blocks(self.accompaniment(), sample_rate).loudness
        self._require_remainder(song.name, stem.name)

    def _require_remainder(self, song_name: str, stem_name: str) -> None:
        """Raises UserError if the stem is the whole song."""
        if self._role is Role.VOCALS:
            loudness, remedy = self.accompaniment_loudness, "to translate: name the singer's stem alone"
        else:
            loudness = measure_blocks((voice for voice, _ in self.blocks()), self._rate).loudness
            remedy = "to keep: name the song without its singer, or translate it without a stem"
        if loudness < self.song.loudness - _NOTHING_LEFT:
            raise UserError(f"{stem_name} leaves nothing of {song_name} {remedy}")

    def accompaniment(self) -> Iterator[np.ndarray]:
        """Blocks of the accompaniment, float32 [samples, channels]."""
        return (accompaniment for _, accompaniment in self.blocks())

    def blocks(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Blocks of the voice and of the accompaniment, float32 [samples, channels] each."""
        stem = aligned(self._stem(), self.alignment.offset, self.song, self._rate)
        for block, segment in zip(self._song(), stem, strict=True):
            part = segment * self.alignment.projection.gains
            yield (part, block - part) if self._role is Role.VOCALS else (block - part, part)

    def mix(self, translation: Stream, vocals_level: float) -> Stream:
        """See `WholeSong.mix`: the translation is brought to the loudness of the accompaniment."""
        loudness = measure_blocks(translation(), self._rate).loudness
        factor = np.float32(loudness_gain(loudness, self.accompaniment_loudness))
        level = np.float32(10 ** (vocals_level / 20))
        return functools.partial(self._mixed, translation, factor, level)

    def _mixed(self, translation: Stream, factor: np.float32, level: np.float32) -> Iterator[np.ndarray]:
        for translated, (voice, _) in zip(translation(), self.blocks(), strict=True):
            yield translated * factor + voice * level
