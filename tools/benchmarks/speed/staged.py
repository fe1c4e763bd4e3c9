"""Translation of songs with the time of every stage."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import tensorflow as tf

from pipelines.audio.features import magnitude_to_log_mel
from pipelines.audio.loudness import LoudnessMeter
from pipelines.audio.stereo import mono_magnitude
from pipelines.audio.stft import stft
from pipelines.audio.true_peak import PeakMeter
from pipelines.inference import translate
from pipelines.inference.gain import MakeupMeter
from pipelines.inference.window_translator import WindowTranslator
from pipelines.inference.windows import Window
from pipelines.nn.dials import Dials

STAGES = ("decoding", "loudness", "features", "network", "inversion", "writing", "other")


class StageTimer(translate.SongTranslator):
    """`SongTranslator` that measures its stages; a window is translated by three graphs instead of one."""

    def __init__(self, window_translator: WindowTranslator) -> None:
        """Creates the graphs, which are traced by their first calls.

        Args:
            window_translator: see `SongTranslator`.
        """
        super().__init__(window_translator)
        self._seconds = dict.fromkeys(STAGES, 0.0)
        graph = {"autograph": False, "reduce_retracing": True}
        self._features = tf.function(self._log_mel, **graph)
        self._network = tf.function(window_translator.translate_log_mel, **graph)
        self._inversion = tf.function(self._invert, **graph)

    def stages(self, source: Path, target: Path) -> dict[str, float]:
        """Translates a file and returns the seconds of every stage.

        Args:
            source: see `SongTranslator.translate_file`.
            target: see `SongTranslator.translate_file`.
        """
        self._seconds = dict.fromkeys(STAGES, 0.0)
        began = time.perf_counter()
        with self._timed_methods():
            self.translate_file(source, target)
        elapsed = time.perf_counter() - began
        return self._seconds | {"other": elapsed - sum(self._seconds.values())}

    def translate_window(
        self, samples: np.ndarray, window: Window, song_samples: int, dials: Dials
    ) -> np.ndarray:
        """See `SongTranslator.translate_window`; the arithmetic is that of `WindowTranslator.__call__`."""
        waveform = tf.constant(samples)
        spectra, log_mel = self._timed("features", self._features)(waveform)
        translation = self._timed("network", self._network)(log_mel)
        position = tf.constant(dataclasses.astuple(window))
        invert = self._timed("inversion", self._inversion)
        return invert(
            translation, spectra, position, tf.constant(song_samples), tf.constant(dials.strength)
        ).numpy()

    def _invert(
        self,
        translation: tf.Tensor,
        spectra: tf.Tensor,
        position: tf.Tensor,
        song_samples: tf.Tensor,
        strength: tf.Tensor,
    ) -> tf.Tensor:
        window = Window(*tf.unstack(position))
        return self._window_translator.invert(translation, spectra, window, song_samples, strength)

    def _log_mel(self, samples: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Spectra and the log-mel of their downmix."""
        spectra = stft(self._window_translator.spec, tf.transpose(samples), center=False)
        return spectra, magnitude_to_log_mel(self._window_translator.spec, mono_magnitude(spectra)[None])

    @contextlib.contextmanager
    def _timed_methods(self) -> Iterator[None]:
        """Context in which the functions that `translate_file` calls are timed."""
        blocks, meter, writer = translate.files.blocks, LoudnessMeter, translate.files.AudioWriter

        def timed_blocks(*arguments: Any, **named: Any) -> Iterator[np.ndarray]:
            next_block = self._timed("decoding", functools.partial(next, blocks(*arguments, **named), None))
            while (block := next_block()) is not None:
                yield block

        with contextlib.ExitStack() as patched:
            patched.enter_context(mock.patch.object(translate.files, "blocks", timed_blocks))
            for owner, name, stage in (
                (meter, "add", "loudness"),
                (meter, "integrated", "loudness"),
                (PeakMeter, "add", "loudness"),
                (MakeupMeter, "with_makeup", "loudness"),
                (writer, "write", "writing"),
                (writer, "__exit__", "writing"),
            ):
                timed = self._timed(stage, getattr(owner, name))
                patched.enter_context(mock.patch.object(owner, name, timed))
            yield

    def _timed(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Function whose time is added to that of a stage; it waits for the results of a graph."""

        def call(*arguments: Any) -> Any:
            began = time.perf_counter()
            try:
                result = function(*arguments)
                for tensor in tf.nest.flatten(result):
                    if isinstance(tensor, tf.Tensor):
                        tensor[..., :1].numpy()
                return result
            finally:
                self._seconds[stage] += time.perf_counter() - began

        return call
