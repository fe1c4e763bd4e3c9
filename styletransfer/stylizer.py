"""Style transfer of whole songs, at any loudness and with any number of channels."""

from __future__ import annotations

import dataclasses
import functools
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf

from pipelines import console
from pipelines.audio import files
from pipelines.audio.inversion import GriffinLim, unit_phase
from pipelines.audio.loudness import TRAINING_LUFS, LoudnessMeter
from pipelines.audio.song_files import require_songs
from pipelines.audio.spec import AudioSpec
from pipelines.audio.stereo import match_stereo_width, mono_magnitude, panning
from pipelines.audio.stereo_image import WIDTH_REACH
from pipelines.audio.stft import stft
from pipelines.errors import UserError
from pipelines.inference import gain
from pipelines.inference.window_translator import WINDOW_FRAMES, reach
from pipelines.inference.windows import Window, Windows
from styletransfer.config import Config
from styletransfer.deepmix import DeepMix
from styletransfer.merge import Merge
from styletransfer.musaic import Musaic
from styletransfer.optimization import Tick
from styletransfer.windows import Method, starts, stylised

_LEAST_SHARE = 5.0
"""Least seconds of a song of the style; of a folder of many songs, only some are used."""

_METHODS: dict[str, Callable[[Config, Iterable[np.ndarray]], Method]] = {
    "deepmix": DeepMix,
    "merge": Merge,
    "musaic": Musaic,
}


@dataclasses.dataclass(frozen=True)
class Report:
    """Report on the stylisation of one song.

    Attributes:
        seconds: of music.
        elapsed: seconds that it took, without the analysis of the style.
        missing: decibels by which the result stays quieter than the content, because its peaks leave no room.
    """

    seconds: float
    elapsed: float
    missing: float

    def __str__(self) -> str:
        each = self.elapsed / self.seconds
        speed = f"{self.seconds:.1f} s of music in {self.elapsed:.1f} s: {each:.1f} s for a second of it"
        if self.missing < 0.5:
            return speed
        return f"{speed}; {self.missing:.1f} dB quieter than the content, as loud as its peaks allow"


class Stylizer:
    """Style transfer from one style to any number of songs; the style is analysed once."""

    def __init__(self, config: Config, style: list[np.ndarray]) -> None:
        """Analyses the style.

        Args:
            config: see `Config`.
            style: songs or excerpts, see `levelled`; float32 [samples, channels] each.
        """
        self._config = config
        excerpts = (magnitudes(config.spec, song) for song in style)
        self._method: Method = _METHODS[config.method](config, excerpts)

    def steps(self, samples: int) -> int:
        """Ticks of a song of so many samples."""
        frames, config = self._config.spec.frames(samples), self._config
        return self._method.steps * len(starts(frames, config.window_frames, config.overlap_frames))

    def __call__(self, song: np.ndarray, tick: Tick) -> np.ndarray:
        """Stylises a song in memory.

        Args:
            song: float32 [samples, channels], see `levelled`.
            tick: called with the number of finished steps.

        Returns:
            float32 [samples, channels], at about the loudness that the song has.
        """
        config = self._config
        magnitude = magnitudes(config.spec, song)
        found = stylised(self._method, magnitude, config.window_frames, config.overlap_frames, tick)
        return inverted(config.spec, found, song, config.inversion)

    def file(self, content: Path, target: Path) -> Report:
        """Stylises a file; the result has its channels, length and loudness, at the spec's sample rate.

        Args:
            content: file that FFmpeg reads.
            target: the same, chosen by its suffix; replaced when the result is complete.

        Raises:
            UserError: if the content cannot be read, is silent or too short, or the target cannot be written.
        """
        began, rate = time.monotonic(), self._config.spec.sample_rate
        song = read_song(self._config, content)
        with files.AudioWriter(target, rate, song.shape[1]) as writer:
            with console.progress(self.steps(len(song)), content.name, unit="step") as bar:
                result = self(levelled(self._config, song), bar.update)
            levelled_result, missing = gain.match_loudness(result, _loudness(song, rate), rate)
            writer.write(levelled_result)
        return Report(len(song) / rate, time.monotonic() - began, missing)


def read_song(config: Config, path: Path) -> np.ndarray:
    """Reads a song, float32 [samples, channels], and checks that it is neither silent nor too short.

    Raises:
        UserError: if it cannot be read, or is silent or too short.
    """
    song = files.read(path, config.spec.sample_rate)
    if config.spec.frames(len(song)) < config.least_frames:
        least = config.least_frames / config.spec.frame_rate
        raise UserError(f"{path} is too short: name a recording of at least {least:.1f} seconds")
    if not np.isfinite(_loudness(song, config.spec.sample_rate)):
        raise UserError(f"{path} is silent: name a recording that contains sound")
    return song


def styles(config: Config, path: Path) -> list[np.ndarray]:
    """A song, or a folder's, as levelled excerpts that last config.style_seconds together at most.

    Every song gives the same share, from its middle; where songs are shorter than that, the total is less.

    Raises:
        UserError: if there is no song, or one cannot be read, is silent or too short.
    """
    songs = require_songs(path, "with --style").songs
    return excerpts(config, [functools.partial(read_song, config, song) for song in songs])


def excerpts(config: Config, songs: Sequence[Callable[[], np.ndarray]]) -> list[np.ndarray]:
    """See `styles`, of songs that are read by being called, float32 [samples, channels] each."""
    most = max(1, min(len(songs), int(config.style_seconds // _LEAST_SHARE)))
    share = max(_LEAST_SHARE, config.style_seconds / most)
    chosen = [songs[int((index + 0.5) * len(songs) / most)] for index in range(most)]
    bar = console.progress(chosen, "style", unit="song")
    return [_middle(levelled(config, read()), share, config.spec) for read in bar]


def levelled(config: Config, song: np.ndarray) -> np.ndarray:
    """A song, [samples, channels], scaled to the loudness at which spectrograms are compared."""
    present = _loudness(song, config.spec.sample_rate)
    wanted = gain.training_loudness(song.shape[1]) + config.loudness - TRAINING_LUFS
    return song * np.float32(gain.loudness_gain(present, wanted))


def magnitudes(spec: AudioSpec, song: np.ndarray) -> np.ndarray:
    """Root-mean-square magnitudes over the channels, float32 [frames, bins], of [samples, channels]."""
    pieces = [
        mono_magnitude(stft(spec, piece, center=False)).numpy() for _, piece in _pieces(spec, song, context=0)
    ]
    return np.concatenate(pieces)


def inverted(spec: AudioSpec, magnitude: np.ndarray, song: np.ndarray, iterations: int) -> np.ndarray:
    """The waveform of other magnitudes, with the panning and, to start from, the phases of a song.

    Args:
        spec: gives frames and bins.
        magnitude: float32 [frames, bins], of the mono mix.
        song: float32 [samples, channels], of so many frames.
        iterations: of Griffin-Lim.

    Returns:
        float32 [samples, channels].
    """
    inverter, pieces = GriffinLim(spec, iterations), []
    for window, piece in _pieces(spec, song, context=reach(spec, iterations) + WIDTH_REACH):
        spectra = stft(spec, piece, center=False)
        image = magnitude[window.first : window.last] * panning(spec, spectra)
        first, start, stop = (frame * spec.hop_length for frame in (window.first, window.start, window.stop))
        length = min(len(song) - first, (window.last - window.first) * spec.hop_length)
        waveform = inverter.from_magnitude(image, unit_phase(spectra), length)
        source = piece[:, spec.n_fft // 2 :][:, :length]
        pieces.append(
            match_stereo_width(source, waveform, spec.hop_length).numpy().T[start - first : stop - first]
        )
    return np.concatenate(pieces)


def _pieces(spec: AudioSpec, song: np.ndarray, *, context: int) -> Iterator[tuple[Window, tf.Tensor]]:
    """Windows of a song, each with the samples, float32 [channels, samples], that its frames read."""
    frames = spec.frames(len(song))
    after = spec.span(frames) - len(song) - spec.n_fft // 2
    padded = np.pad(song.T, ((0, 0), (spec.n_fft // 2, max(0, after))))
    for window in Windows.from_context(WINDOW_FRAMES, context=context, multiple=1).all(frames):
        stop = spec.samples(window.last) + spec.n_fft
        yield window, tf.constant(padded[:, window.first * spec.hop_length : stop])


def _middle(song: np.ndarray, seconds: float, spec: AudioSpec) -> np.ndarray:
    """The middle of a song, of so many seconds if it has them."""
    samples = round(seconds * spec.sample_rate)
    first = max(0, (len(song) - samples) // 2)
    return song[first : first + samples]


def _loudness(song: np.ndarray, sample_rate: int) -> float:
    meter = LoudnessMeter(sample_rate, song.shape[1])
    meter.add(song)
    return meter.integrated()
