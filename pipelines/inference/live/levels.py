"""Running levels: loudness and stereo width from what has been heard so far, since the rest is unknown."""

from __future__ import annotations

import math

import numpy as np

from pipelines.audio.k_weighting import KWeighting
from pipelines.audio.loudness import ABSOLUTE_GATE, energy_of
from pipelines.audio.spec import AudioSpec
from pipelines.audio.stereo_image import MAX_GAIN, MIN_SHARE, SILENCE
from pipelines.inference.gain import training_loudness

LOUDNESS_SECONDS = 10.0
"""Time constant of a running loudness: a compromise between bars, which keep their dynamics, and songs."""

WIDTH_SECONDS = 3.0
"""Time constant of the running stereo width; `stereo_image.WIDTH_HOPS` looks as far ahead as back."""

MAX_LOUDNESS_GAIN = 10 ** (30 / 20)
"""Largest change of the loudness, linear: noise between two songs is not made music."""


class RunningMean:
    """Running means of several values, of which each weighs less the longer ago it was."""

    def __init__(self, constant: float) -> None:
        """Starts without values.

        Args:
            constant: number of steps after which a value weighs 1/e.
        """
        self._decay = math.exp(-1 / constant)
        self._total: np.ndarray | float = 0.0
        self._weight = 0.0

    def add(self, values: np.ndarray, is_counted: np.ndarray) -> np.ndarray:
        """Means after each step.

        Args:
            values: [steps, values].
            is_counted: bool [steps]; the means stay as they are in the others.

        Returns:
            [steps, values]; zeros before the first step that is counted.
        """
        means = np.zeros(values.shape)
        for step in range(len(values)):
            if is_counted[step]:
                self._total = self._decay * self._total + values[step]
                self._weight = self._decay * self._weight + 1
            if self._weight:
                means[step] = self._total / self._weight
        return means


class GainRamp:
    """Gains of samples, linear between the ends of hops."""

    def __init__(self, hop: int) -> None:
        """Starts with the first gain that it gets.

        Args:
            hop: samples from gain to gain.
        """
        self._share = np.arange(1, hop + 1) / hop
        self._last = np.zeros(0)

    def __call__(self, gains: np.ndarray) -> np.ndarray:
        """Gains of samples, float32 [hops * hop, 1], from those at the ends of hops, [hops]."""
        edges = np.concatenate([self._last if len(self._last) else gains[:1], gains])[:, None]
        self._last = gains[-1:]
        return (edges[:-1] + np.diff(edges, axis=0) * self._share).reshape(-1, 1).astype(np.float32)


class RunningLoudness:
    """Running gains: to the training loudness before a translation, and to the source's after it.

    Before, the mean energy of the source so far becomes that of the training data. After, the mean energy of
    the translation becomes that of the source at the same time. Silence does not count, and leaves the gains.
    """

    def __init__(self, spec: AudioSpec, channels: int, ahead: int) -> None:
        """Starts a stream.

        Args:
            spec: of the network.
            channels: 1 or 2.
            ahead: hops by which the translation is behind the source.
        """
        constant = LOUDNESS_SECONDS * spec.frame_rate
        self._hop, self._training = spec.hop_length, energy_of(training_loudness(channels))
        self._source, self._translation = (KWeighting(spec.sample_rate, channels) for _ in range(2))
        self._level, self._change = RunningMean(constant), RunningMean(constant)
        self._before, self._after = GainRamp(self._hop), GainRamp(self._hop)
        self._energies = np.zeros(ahead)
        """Of the hops of the source that are not translated yet."""

    def before(self, source: np.ndarray) -> np.ndarray:
        """Source at the training loudness, float32 [samples, channels] of whole hops."""
        energies = self._hop_energies(self._source, source)
        self._energies = np.concatenate([self._energies, energies])
        means = self._level.add(energies[:, None], _is_audible(energies))
        return source * self._before(_gains(self._training, means[:, 0]))

    def after(self, translation: np.ndarray) -> np.ndarray:
        """Translation at the loudness of the source; as long as the source that `before` got."""
        energies = self._hop_energies(self._translation, translation)
        source, self._energies = self._energies[: len(energies)], self._energies[len(energies) :]
        means = self._change.add(np.stack([source, energies], axis=1), _is_audible(source))
        return translation * self._after(_gains(means[:, 0], means[:, 1]))

    def _hop_energies(self, weighting: KWeighting, samples: np.ndarray) -> np.ndarray:
        return weighting.energies(samples).reshape(-1, self._hop).mean(axis=1)


class RunningWidth:
    """Running `match_stereo_width`: ratio of side to mid energy of the source, from what was heard so far."""

    def __init__(self, spec: AudioSpec) -> None:
        """Starts a stream.

        Args:
            spec: of the network.
        """
        self._hop, self._ramp = spec.hop_length, GainRamp(spec.hop_length)
        self._means = RunningMean(WIDTH_SECONDS * spec.frame_rate)

    def __call__(self, source: np.ndarray, translation: np.ndarray) -> np.ndarray:
        """Translation with the width of its source, both float32 [samples, channels] of whole hops."""
        if translation.shape[1] == 1:
            return translation
        mid = translation.mean(axis=1, keepdims=True)
        energies = np.concatenate([self._side_and_mid(each) for each in (source, translation)], axis=1)
        side, middle = np.moveaxis(
            self._means.add(energies, np.ones(len(energies), bool)).reshape(-1, 2, 2), 2, 0
        )
        least = MIN_SHARE * (side + middle) + SILENCE
        ratios = (side + least) / (middle + least)
        gains = np.clip(np.sqrt(ratios[:, 0] / ratios[:, 1]), 1 / MAX_GAIN, MAX_GAIN)
        return mid + (translation - mid) * self._ramp(gains)

    def _side_and_mid(self, samples: np.ndarray) -> np.ndarray:
        """Energies of side and mid of each hop, [hops, 2]."""
        hops = samples.reshape(-1, self._hop, samples.shape[1])
        mid = hops.mean(axis=2, keepdims=True)
        sides = np.square(hops - mid).sum(axis=(1, 2))
        return np.stack([sides, samples.shape[1] * np.square(mid).sum(axis=(1, 2))], axis=1)


def _is_audible(energies: np.ndarray) -> np.ndarray:
    return energies > energy_of(ABSOLUTE_GATE)


def _gains(wanted: np.ndarray | float, found: np.ndarray) -> np.ndarray:
    """Gains between two energies, within `MAX_LOUDNESS_GAIN`; 1 where there is no energy."""
    silence = energy_of(ABSOLUTE_GATE) * 1e-3
    gains = np.sqrt(wanted / np.maximum(found, silence))
    return np.where(found > 0, np.clip(gains, 1 / MAX_LOUDNESS_GAIN, MAX_LOUDNESS_GAIN), 1.0)
