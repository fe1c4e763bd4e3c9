"""A song's translation with a clock on every stage."""

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
from pipelines.audio.stereo import mono_magnitude
from pipelines.audio.stft import stft
from pipelines.audio.true_peak import PeakMeter
from pipelines.inference import translate
from pipelines.inference.gain import CoverMeter
from pipelines.inference.window_translator import CoverMaker
from pipelines.inference.windows import Window

STAGES = ("decoding", "loudness", "features", "network", "inversion", "writing", "the rest")


class Staged(translate.SongTranslator):
    """Translates as `SongTranslator`, but a window in three graphs; all that it calls is clocked."""

    def __init__(self, maker: CoverMaker) -> None:
        """Nothing is traced yet.

        Args:
            maker: see `SongTranslator`.
        """
        super().__init__(maker)
        self._spent = dict.fromkeys(STAGES, 0.0)
        graph = {"autograph": False, "reduce_retracing": True}
        self._features = tf.function(self._heard, **graph)
        self._network = tf.function(maker.translation, **graph)
        self._inversion = tf.function(self._sound, **graph)

    def stages(self, source: Path, target: Path) -> dict[str, float]:
        """Translates a file; seconds of every stage.

        Args:
            source: see `SongTranslator.file`.
            target: likewise.
        """
        self._spent = dict.fromkeys(STAGES, 0.0)
        began = time.perf_counter()
        with self._clocks():
            self.file(source, target)
        elapsed = time.perf_counter() - began
        return self._spent | {"the rest": elapsed - sum(self._spent.values())}

    def window(self, samples: np.ndarray, window: Window, song_samples: int, strength: float) -> np.ndarray:
        """See `SongTranslator.window`; the arithmetic is that of `CoverMaker.__call__`."""
        given = tf.constant(samples)
        spectra, log_mel = self._clocked("features", self._features)(given)
        translation = self._clocked("network", self._network)(log_mel)
        place = tf.constant(dataclasses.astuple(window))
        sound = self._clocked("inversion", self._inversion)
        return sound(
            translation, spectra, given, place, tf.constant(song_samples), tf.constant(strength)
        ).numpy()

    def _sound(
        self,
        translation: tf.Tensor,
        spectra: tf.Tensor,
        samples: tf.Tensor,
        place: tf.Tensor,
        song_samples: tf.Tensor,
        strength: tf.Tensor,
    ) -> tf.Tensor:
        window = Window(*tf.unstack(place))
        return self._maker.sound(translation, spectra, samples, window, song_samples, strength)

    def _heard(self, samples: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Spectra and the log-mel of their mono mix."""
        spectra = stft(self._maker.spec, tf.transpose(samples), center=False)
        return spectra, magnitude_to_log_mel(self._maker.spec, mono_magnitude(spectra)[None])

    @contextlib.contextmanager
    def _clocks(self) -> Iterator[None]:
        """Inside, what `file` calls is clocked."""
        blocks, meter, writer = translate.files.blocks, translate.LoudnessMeter, translate.files.Writer

        def decoded(*arguments: Any) -> Iterator[np.ndarray]:
            following = self._clocked("decoding", functools.partial(next, blocks(*arguments), None))
            while (block := following()) is not None:
                yield block

        with contextlib.ExitStack() as patched:
            patched.enter_context(mock.patch.object(translate.files, "blocks", decoded))
            for owner, name, stage in (
                (meter, "add", "loudness"),
                (meter, "integrated", "loudness"),
                (PeakMeter, "add", "loudness"),
                (CoverMeter, "with_makeup", "loudness"),
                (writer, "write", "writing"),
                (writer, "__exit__", "writing"),
            ):
                clocked = self._clocked(stage, getattr(owner, name))
                patched.enter_context(mock.patch.object(owner, name, clocked))
            yield

    def _clocked(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The same function, its time added to a stage's; a graph's results are waited for."""

        def call(*arguments: Any) -> Any:
            began = time.perf_counter()
            try:
                result = function(*arguments)
                for tensor in tf.nest.flatten(result):
                    if isinstance(tensor, tf.Tensor):
                        tensor[..., :1].numpy()
                return result
            finally:
                self._spent[stage] += time.perf_counter() - began

        return call
