"""Training observer of the vocoder: logs sounds and distances of fixed clips of the band."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from pipelines.audio.features import log_mel
from pipelines.audio.inversion import GriffinLim, Inverter
from pipelines.audio.stft import stft
from pipelines.metrics.distances import multi_stft_distance
from pipelines.nn.neural_vocoder import checkpoint
from pipelines.nn.seeds import of_step
from pipelines.training import pictures
from pipelines.training.events import Events
from pipelines.training.runs import Workdir
from vocoder.augmentation import altered
from vocoder.model import VocoderModel

CURVES = {
    "valid/m_stft": "Distance of the spectra to the recordings', with the phases of an altered recording, by "
    "averaged weights. Falls fast, then slowly.",
    "valid/m_stft_without_source": "The same without any source: higher.",
    "valid/griffin_lim_m_stft": "The same by 32 iterations of Griffin-Lim, altered phases.",
    "valid/griffin_lim_m_stft_without_source": "The same from random phases.",
}
_ITERATIONS = 32
_SEED = 7
_WAYS = {"": "with the phases of an altered recording", "_without_source": "without a source"}


class VocoderObserver:
    """Shows, measures and writes the average network.

    Attributes:
        events: where scalars go.
    """

    def __init__(self, model: VocoderModel, workdir: Workdir, clips: Mapping[str, np.ndarray]) -> None:
        """Takes the model, the run's folder and its fixed clips.

        Args:
            model: in training.
            workdir: of the run.
            clips: "content" and "band", waveforms float32 [count, samples].
        """
        self._model, self._workdir = model, workdir
        self._spec, self._truth = model.config.spec, clips["band"]
        self._mel, self._source = self._prepared(clips)
        self.events = Events(workdir.logs)
        self._play = tf.function(self._played, autograph=False)
        self._inverter = model.inverter

    def _prepared(self, clips: Mapping[str, np.ndarray]) -> tuple[tf.Tensor, tf.Tensor]:
        """Log-mels of the band's clips, and spectra of altered ones."""
        spec = self._spec
        half = [[0, 0], [spec.n_fft // 2, spec.n_fft // 2]]
        band, content = (tf.pad(tf.constant(clips[name]), half) for name in ("band", "content"))
        seeds = of_step(tf.constant(_SEED), tf.constant(0), 16)
        source = altered(spec, band, content, self._model.config.alter, seeds)
        return log_mel(spec, band, center=False), stft(spec, source, center=False)

    def opening(self, settings: Mapping[str, Any], curves: Mapping[str, str]) -> None:
        """Logs the settings, the guide to the curves, the recordings, and what Griffin-Lim makes of them."""
        self.events.opening(settings, {**curves, **CURVES})
        self._sounds(0, "reference/band", self._truth, "The band's clips, as recorded.")
        for name, sound in self._both(GriffinLim(self._spec, _ITERATIONS)).items():
            self._sounds(0, f"reference/griffin_lim{name}", sound, f"By Griffin-Lim, {_WAYS[name]}.")
            self.events.scalars(0, {f"valid/griffin_lim_m_stft{name}": self._distance(sound)}, CURVES)

    def begin(self, step: int) -> None:
        """Nothing: the clips are as they are."""

    def preview(self, step: int, means: Sequence[Mapping[str, float]]) -> None:
        """The clips by the vocoder, as sounds and pictures."""
        made = self._by_vocoder()
        for name, sound in made.items():
            self._sounds(step, f"preview/vocoder{name}", sound, f"The clips by the vocoder, {_WAYS[name]}.")
        rows = [self._mel.numpy(), *(log_mel(self._spec, sound).numpy() for sound in made.values())]
        limits = pictures.value_range(rows[0])
        shown = [pictures.stacked(clip, limits) for clip in zip(*(row[..., 0] for row in rows), strict=True)]
        self.events.images(
            step, "preview/spectrograms", shown, "Top to bottom: recording; by the vocoder; without a source."
        )

    def evaluate(self, step: int) -> None:
        """Distances of the clips to the recordings."""
        made = self._by_vocoder()
        values = {f"valid/m_stft{name}": self._distance(sound) for name, sound in made.items()}
        self.events.scalars(step, values, CURVES)

    def save(self) -> None:
        """Writes the vocoder, in halves: nobody hears the difference."""
        checkpoint.save(self._workdir.path / checkpoint.FILE, self._model.inverter, dtype="float16")

    def _by_vocoder(self) -> dict[str, np.ndarray]:
        return {name: sound.numpy() for name, sound in self._play().items()}

    def _played(self) -> dict[str, tf.Tensor]:
        return self._both(self._inverter)

    def _both(self, inverter: Inverter) -> dict[str, Any]:
        """With and without a source."""
        length = self._truth.shape[1]
        with_source = inverter(self._mel, source_stft=self._source, length=length)
        return dict(zip(_WAYS, (with_source, inverter(self._mel, length=length)), strict=True))

    def _distance(self, sound: Any) -> float:
        pairs = zip(self._truth, np.asarray(sound), strict=True)
        return float(np.mean([multi_stft_distance(*pair) for pair in pairs]))

    def _sounds(self, step: int, tag: str, sound: Any, description: str) -> None:
        self.events.sounds(step, tag, np.asarray(sound), self._spec.sample_rate, description)
