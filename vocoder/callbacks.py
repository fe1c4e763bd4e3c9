"""Callbacks of the vocoder: previews and spectral distances of fixed clips of the band."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from pipelines.audio.features import log_mel
from pipelines.audio.inversion import GriffinLim, Inverter
from pipelines.audio.spec import AudioSpec
from pipelines.audio.stft import stft
from pipelines.metrics.distances import multi_stft_distance
from pipelines.training import pictures
from pipelines.training.callbacks.periodic import Periodic
from pipelines.training.summaries import Events
from vocoder.augmentation import simulated_source
from vocoder.config import SourceConfig

METRIC_DESCRIPTIONS = {
    "valid/m_stft": "M-STFT distance to the recordings, with the phases of a simulated source, by averaged "
    "weights. Falls fast, then slowly.",
    "valid/m_stft_without_source": "The same without a source: higher.",
    "valid/griffin_lim_m_stft": "The same by 32 iterations of Griffin-Lim, phases of a simulated source.",
    "valid/griffin_lim_m_stft_without_source": "The same from random phases.",
}
_ITERATIONS = 32
_SEED = (7, 0)
_STARTS = {"": "with the phases of a simulated source", "_without_source": "without a source"}


class ValidationClips:
    """Fixed clips of the band, with a simulated source of each.

    Attributes:
        spec: of the clips.
        truth: waveforms float32 [count, samples].
    """

    def __init__(self, spec: AudioSpec, config: SourceConfig, clips: Mapping[str, np.ndarray]) -> None:
        """Prepares log-mels and sources.

        Args:
            spec: of the clips.
            config: of the simulated sources.
            clips: "content" and "band", waveforms float32 [count, samples].
        """
        self.spec, self.truth = spec, clips["band"]
        half = [[0, 0], [spec.n_fft // 2, spec.n_fft // 2]]
        band, content = (tf.pad(tf.constant(clips[name]), half) for name in ("band", "content"))
        seeds = iter(tf.unstack(tf.random.split(tf.constant(_SEED), 16)))
        source = simulated_source(spec, band, content, config, seeds)
        self.log_mels = log_mel(spec, band, center=False)
        self._source = stft(spec, source, center=False)

    def inverted(self, inverter: Inverter) -> dict[str, Any]:
        """Waveforms by an inverter, with and without a source, by the suffixes of the metrics."""
        length = self.truth.shape[1]
        with_source = inverter(self.log_mels, source_stft=self._source, length=length)
        return dict(zip(_STARTS, (with_source, inverter(self.log_mels, length=length)), strict=True))

    def distances(self, prefix: str, waveforms: Mapping[str, Any]) -> dict[str, float]:
        """M-STFT distances of `inverted` waveforms to the truth, by metric."""
        return {f"valid/{prefix}{name}": self._distance(each) for name, each in waveforms.items()}

    def _distance(self, waveforms: Any) -> float:
        pairs = zip(self.truth, np.asarray(waveforms), strict=True)
        return float(np.mean([multi_stft_distance(*pair) for pair in pairs]))


class VocoderPreviews(Periodic):
    """Callback that logs the clips, inverted by the vocoder, as audio and images."""

    when_interrupted = False

    def __init__(self, clips: ValidationClips, events: Events, every: int = 500) -> None:
        """Prepares.

        Args:
            clips: see the class.
            events: event files of the run.
            every: steps between two previews.
        """
        super().__init__(every)
        self._clips, self._events = clips, events

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        """Logs the recordings and their inversions by Griffin-Lim, of a new run."""
        if self.step:
            return
        self._audio(0, "reference/band", self._clips.truth, "The band's clips, as recorded.")
        inverted = self._clips.inverted(GriffinLim(self._clips.spec, _ITERATIONS))
        for name, waveforms in inverted.items():
            self._audio(0, f"reference/griffin_lim{name}", waveforms, f"By Griffin-Lim, {_STARTS[name]}.")
        scalars = self._clips.distances("griffin_lim_m_stft", inverted)
        self._events.scalars(0, scalars, METRIC_DESCRIPTIONS)

    def act(self, step: int) -> None:
        """Logs the inversions."""
        inverted = inverted_by(self.model, self._clips)
        for name, waveforms in inverted.items():
            self._audio(step, f"preview/vocoder{name}", waveforms, f"By the vocoder, {_STARTS[name]}.")
        spec, log_mels = self._clips.spec, self._clips.log_mels.numpy()
        rows = [log_mels, *(log_mel(spec, waveforms).numpy() for waveforms in inverted.values())]
        limits = pictures.value_range(rows[0])
        images = [pictures.stacked(clip, limits) for clip in zip(*(row[..., 0] for row in rows), strict=True)]
        description = "Top to bottom: recording; by the vocoder; without a source."
        self._events.images(step, "preview/spectrograms", images, description)

    def _audio(self, step: int, tag: str, waveforms: Any, description: str) -> None:
        self._events.sounds(step, tag, np.asarray(waveforms), self._clips.spec.sample_rate, description)


class VocoderEvaluation(Periodic):
    """Callback that logs the spectral distances of the vocoder's waveforms to the recordings."""

    when_interrupted = False

    def __init__(self, clips: ValidationClips, events: Events, every: int = 500) -> None:
        """Prepares; see `VocoderPreviews`."""
        super().__init__(every)
        self._clips, self._events = clips, events

    def act(self, step: int) -> None:
        """Logs the distances."""
        scalars = self._clips.distances("m_stft", inverted_by(self.model, self._clips))
        self._events.scalars(step, scalars, METRIC_DESCRIPTIONS)


def inverted_by(model: Any, clips: ValidationClips) -> dict[str, np.ndarray]:
    """Inversions of clips by a vocoder in training, with averaged weights; see `ValidationClips.inverted`."""
    with model.averaged():
        inverter = model.inverter  # outside the graph: its card reads the step
        inverted = tf.function(lambda: clips.inverted(inverter), autograph=False)()
    return {name: waveforms.numpy() for name, waveforms in inverted.items()}
