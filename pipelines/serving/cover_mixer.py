"""Mixing of a streamed cover: the translated accompaniment at its width and loudness, and the song's voice.

Every window of the translation is first brought to the loudness of the accompaniment so far, so that the
balance of voice and accompaniment is that of the song; then the sum is brought to the loudness of the song so
far and limited, see `gain_ramp`. `pipelines.stems.parts` does the same with the loudness of whole songs.
"""

from __future__ import annotations

import numpy as np

from pipelines.audio.arrays.stereo_width import StereoWidth
from pipelines.inference import gain
from pipelines.nn.dials import Dials
from pipelines.serving.gain_ramp import GainRamp, LoudnessMatch
from pipelines.serving.sample_file import SampleFile
from pipelines.serving.stem_splitter import SongParts


class CoverMixer:
    """Mixer of the cover of one song, window by window."""

    def __init__(self, parts: SongParts, hop: int, dials: Dials, vocals_level: float = 0.0) -> None:
        """Starts a song.

        Args:
            parts: of the song.
            hop: of the model, samples.
            dials: of the song; at a strength of 0 the translation equals the source.
            vocals_level: change of the voice's level, decibels, which needs the limiter at any strength.
        """
        song, changed = parts.song, dials.strength > 0
        self._song, self._done = song.mapped(), 0
        self._accompaniment, self._heard = parts.accompaniment.mapped(), 0
        self._gain, self._width = np.float32(_own_gain(parts.accompaniment)), StereoWidth(hop)
        self._voice = _VoiceMixer(parts, vocals_level, match=changed) if parts.has_voice else None
        # A mix is at the loudness of the song already.
        fallback = 1.0 if parts.has_voice else _own_gain(song)
        self._ramp = GainRamp(song.sample_rate, song.channels, fallback, match=changed or vocals_level != 0)

    def add(self, translation: np.ndarray) -> np.ndarray:
        """Mixes the next window.

        Args:
            translation: of the accompaniment, float32 [samples, channels], at any loudness and width.

        Returns:
            float32 [samples, channels], at the loudness of the song, delayed by width and limiter.
        """
        source = self._accompaniment[self._heard : self._heard + len(translation)] / self._gain
        self._heard += len(translation)
        return self._mixed(self._width.add(source, translation))

    def finish(self) -> np.ndarray:
        """Returns the samples that are delayed, float32 [samples, channels]."""
        return np.concatenate([self._mixed(self._width.finish()), self._ramp.finish()])

    def _mixed(self, translation: np.ndarray) -> np.ndarray:
        if not len(translation):  # nothing yet, of which no loudness can be measured
            return translation
        window = slice(self._done, self._done + len(translation))
        self._done = window.stop
        song = self._song[window]
        mix = translation if self._voice is None else self._voice.mix(window, song, translation)
        return self._ramp.add(song, mix)


class _VoiceMixer:
    """Mixer of the voice with the translated accompaniment."""

    def __init__(self, parts: SongParts, vocals_level: float, *, match: bool) -> None:
        song, accompaniment = parts.song, parts.accompaniment
        self._accompaniment = accompaniment.mapped()
        self._level = np.float32(10 ** (vocals_level / 20))
        self._match = LoudnessMatch(song.sample_rate, song.channels, _own_gain(accompaniment), match=match)

    def mix(self, window: slice, song: np.ndarray, translation: np.ndarray) -> np.ndarray:
        accompaniment = self._accompaniment[window]
        voice = song - accompaniment
        return self._match.add(accompaniment, translation) + voice * self._level


def _own_gain(signal: SampleFile) -> float:
    """Gain from the training loudness to that of a signal."""
    return gain.loudness_gain(gain.training_loudness(signal.channels), signal.loudness)
