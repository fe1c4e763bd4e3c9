"""Trained model of the public API: translation of songs in memory."""

from __future__ import annotations

import contextlib
import functools
import math
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf

from coverband.api.sounds import PathLike, Sound, as_file, require_waveform, resampled
from pipelines.audio import files
from pipelines.audio.streams import Signal, array_blocks, block_size
from pipelines.audio.writer import AudioWriter
from pipelines.errors import UserError
from pipelines.inference import style_recordings
from pipelines.inference.graph_song import translate_song
from pipelines.inference.loading import load_inverter, load_window_translator
from pipelines.inference.style import load_with_style
from pipelines.inference.translate import SongTranslator
from pipelines.inference.window_translator import WindowTranslator
from pipelines.nn.dials import AUTOMATIC, Dials
from pipelines.nn.neural_vocoder import checkpoint
from pipelines.stems.files import Role, Stem
from pipelines.stems.parts import SplitSong
from pipelines.stems.separation import opened
from pipelines.stems.separators import AUTO, SeparatorFunction


class TrainedModel:
    """Trained translator of songs with its log-mel inversion.

    Attributes:
        window_translator: translates one window of a song.
        song_translator: translates files of any length, window by window.
    """

    def __init__(self, window_translator: WindowTranslator) -> None:
        """Wraps a window translator; see `load`."""
        self.window_translator = window_translator
        self.song_translator = SongTranslator(window_translator)
        self._translate = tf.function(
            lambda waveform, dials: translate_song(window_translator, waveform, Dials(*tf.unstack(dials))),
            input_signature=[
                tf.TensorSpec([None, None], tf.float32),
                tf.TensorSpec([len(Dials._fields)], tf.float32),
            ],
            autograph=False,
        )

    @classmethod
    def from_path(
        cls,
        path: Path | None,
        vocoder: Path | None = None,
        style: Sequence[style_recordings.StyleRecording] = (),
    ) -> TrainedModel:
        """Loads a training run, an export or the base; see `load`, for `style` `style_recordings.find`."""
        if path is None:
            from vaegan.base.zero_shot import translator_of

            translator = translator_of(style)
            neural = checkpoint.load_for(vocoder, translator.spec, "the base") if vocoder else None
            return cls(WindowTranslator.from_translator(translator, neural))
        if not style:
            return cls(load_window_translator(path, vocoder))
        translator = load_with_style(path, style)
        inverter = load_inverter(path, translator.spec, vocoder)
        return cls(WindowTranslator.from_translator(translator, inverter))

    @property
    def sample_rate(self) -> int:
        """Sample rate of the model, Hz."""
        return self.window_translator.spec.sample_rate

    def translate(
        self,
        song: Sound,
        sample_rate: int | None = None,
        *,
        strength: float = 1.0,
        closeness: float = AUTOMATIC,
        vocals: Sound | None = None,
        instrumental: Sound | None = None,
        vocals_level: float = 0.0,
        separator: str | SeparatorFunction | None = None,
        out: PathLike | None = None,
    ) -> np.ndarray:
        """Translates a song into the band's sound, in memory.

            model = coverband.load("runs/mine")
            cover = model.translate("song.mp3", out="cover.wav")
            cover = model.translate(waveform, 48000, strength=0.7)
            cover = model.translate("song.mp3", vocals="singer.wav")
            cover = model.translate("song.mp3", vocals="auto", separator="demucs")

        The cover has the song's length, channels and loudness, with true peaks of -1 dBTP at most. Recordings
        of hours are better translated by `coverband translate`, whose memory does not grow with the length.

        Args:
            song: file that FFmpeg reads; or a waveform, float [samples, channels], of 1 or 2 channels.
            sample_rate: of a waveform, Hz.
            strength: from 0, the song itself, to 1, the full translation.
            closeness: from 0, free, to 1, as close to the song as the model can; at 0.5 as close as the song
                requires. For models that have this dial (vaegan).
            vocals: stem with the singer alone, who stays while the rest is translated: a file, or a waveform
                at `sample_rate`; or "auto" for the `separator`'s.
            instrumental: stem with the rest of the song, instead of `vocals`.
            vocals_level: change of the singer's level, decibels.
            separator: for `vocals="auto"`: demucs, spleeter or audio-separator, if it is installed; a command
                line with {song} and {output}; package.module:function; or a function of the paths of a song
                and of an empty folder, where it writes the stems. Stems are kept in the user's cache folder,
                those of a function are not. None for the separator in COVERBAND_SEPARATOR.
            out: file to write, too: wav, flac, mp3 or ogg.

        Returns:
            float32 [samples, channels]: of a file at the model's sample rate, of a waveform in its own shape
            and at its own sample rate.

        Raises:
            UserError: if a file cannot be read or written, the stem does not fit the song, or the song cannot
                be separated.
            ValueError: if a waveform has another shape, its sample rate is missing, a dial lies outside
                [0, 1], there are two stems, `vocals_level` has no stem or is not finite, or `separator` is
                not needed.
        """
        dials = Dials(strength, closeness)
        for name, value in dials._asdict().items():
            if not 0 <= value <= 1:
                raise ValueError(f"{name} {value} is not in [0, 1]")
        stem = _only_stem(vocals, instrumental, vocals_level)
        if not (isinstance(vocals, str) and vocals == AUTO):
            if separator is not None:
                raise ValueError('separator needs vocals="auto"')
            return self._translate_parts(song, sample_rate, stem, dials, vocals_level, out)
        with _separated(song, sample_rate, separator) as separated:
            return self._translate_parts(
                song, sample_rate, (separated, separated.role), dials, vocals_level, out
            )

    def _translate_parts(
        self,
        song: Sound,
        sample_rate: int | None,
        stem: tuple[Sound | Stem, Role] | None,
        dials: Dials,
        vocals_level: float,
        out: PathLike | None,
    ) -> np.ndarray:
        """Translation of a song, or of what a stem leaves of it; see `translate`."""
        rate = require_waveform(song, sample_rate) if isinstance(song, np.ndarray) else self.sample_rate
        source = self._read(song, sample_rate)
        writing = contextlib.nullcontext() if out is None else AudioWriter(Path(out), rate, source.shape[1])
        with writing as writer:  # before the translation, so that a wrong name costs no time
            if stem is None:
                translated = self._translate(source, dials).numpy()
            else:
                parts = SplitSong(
                    self._signal(song, "the song", source),
                    self._signal(stem[0], f"{stem[1].value}=", self._read(stem[0], sample_rate)),
                    stem[1],
                    self.sample_rate,
                )
                translated = self.song_translator.translate_array(parts, dials, vocals_level)
            cover = resampled(translated, self.sample_rate, rate)
            if isinstance(song, np.ndarray):  # resampling twice may change the length by a sample
                cover = np.pad(cover, ((0, max(len(song) - len(cover), 0)), (0, 0)))[: len(song)]
            if writer is not None:
                writer.write(cover)
        return cover

    def _read(self, song: Sound | Stem, sample_rate: int | None) -> np.ndarray:
        """Samples of a file or a waveform at the model's sample rate."""
        if isinstance(song, Stem):
            return files.read(song.path, self.sample_rate)
        if not isinstance(song, np.ndarray):
            return files.read(Path(song), self.sample_rate)
        rate = require_waveform(song, sample_rate)
        return resampled(song.astype(np.float32), rate, self.sample_rate)

    def _signal(self, song: Sound | Stem, name: str, samples: np.ndarray) -> Signal:
        """Signal of samples with the name of their file, or the given one."""
        name = name if isinstance(song, np.ndarray) else str(song)
        return Signal(name, functools.partial(array_blocks, samples, block_size(self.sample_rate)))


def load(
    path: PathLike | None = None,
    *,
    vocoder: PathLike | None = None,
    style: PathLike | Sequence[PathLike] = (),
) -> TrainedModel:
    """Loads a trained model.

        model = coverband.load("runs/mine")
        model = coverband.load("runs/mine", style="other_band/")
        model = coverband.load(style="my_band/")                 # nothing trained: the base of many bands

    Args:
        path: workdir of a training run, or an export by `coverband export`; None for the base that comes with
            Coverband, which needs a style.
        vocoder: workdir of a vocoder's training run, a vocoder.npz, or "shipped"; None for the one that the
            model was trained or exported with, else Griffin-Lim.
        style: song, folder of songs, or several, whose mean style is used instead of the band's; for training
            runs of models with a style encoder, and for the base.

    Raises:
        UserError: if there is no model, it is damaged, or the vocoder or the style does not fit.
        ValueError: if there is neither a path nor a style.
    """
    styles = [style] if isinstance(style, (str, os.PathLike)) else style
    recordings = style_recordings.find([Path(each) for each in styles], "style=")
    if path is None and not recordings:
        raise ValueError("name a model, or recordings whose style the base takes")
    model = None if path is None else Path(path)
    return TrainedModel.from_path(model, None if vocoder is None else Path(vocoder), recordings)


def _only_stem(
    vocals: Sound | None, instrumental: Sound | None, vocals_level: float
) -> tuple[Sound, Role] | None:
    """The stem and its role, after a check of the arguments of `TrainedModel.translate`."""
    if vocals is not None and instrumental is not None:
        raise ValueError("vocals and instrumental exclude each other")
    if not math.isfinite(vocals_level):
        raise ValueError(f"vocals_level {vocals_level} is not finite")
    if isinstance(instrumental, str) and instrumental == AUTO:
        raise ValueError('instrumental="auto" is not possible: use vocals="auto", which does the same')
    if vocals is not None:
        return vocals, Role.VOCALS
    if instrumental is not None:
        return instrumental, Role.INSTRUMENTAL
    if vocals_level:
        raise ValueError("vocals_level needs vocals or instrumental")
    return None


@contextlib.contextmanager
def _separated(
    song: Sound, sample_rate: int | None, separator: str | SeparatorFunction | None
) -> Iterator[Stem]:
    """Context manager of the stem that a separator makes of a song."""
    with opened(separator, 'vocals="auto"') as separation:
        try:
            with as_file(song, sample_rate) as path:
                stem = separation.stem(path, Role.VOCALS)
        except UserError as error:
            if not isinstance(song, np.ndarray):
                raise
            raise UserError(str(error).replace(str(path), "the song")) from error
        yield stem
