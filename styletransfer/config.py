"""Configuration of a stylisation, as frozen dataclasses."""

from __future__ import annotations

import dataclasses
from typing import Literal

from pipelines.audio.spec import AudioSpec

MethodName = Literal["deepmix", "merge", "musaic"]
"""Optimisation against Gram matrices; envelopes on an excitation; non-negative mosaics."""


@dataclasses.dataclass(frozen=True)
class FeatureConfig:
    """Random convolutions over time, frequency bins as channels (Ulyanov & Lebedev 2016).

    Attributes:
        filters: of all widths together, which share them equally.
        widths: lengths of the filters, in frames, each with a bank and a Gram matrix of its own.
        rank: rows that stand for a style's Gram matrix; exact for a style of so many frames.
    """

    filters: int = 4096
    widths: tuple[int, ...] = (11,)
    rank: int = 1024


@dataclasses.dataclass(frozen=True)
class SearchConfig:
    """Configuration of the optimisation that searches for a spectrogram with the wanted features.

    Attributes:
        start: from the content's spectrogram, or from next to nothing.
        optimizer: SciPy's L-BFGS-B, or Adam.
        rate: Adam's learning rate, in log1p magnitudes.
    """

    start: Literal["content", "noise"] = "noise"
    optimizer: Literal["lbfgs", "adam"] = "lbfgs"
    rate: float = 0.05


@dataclasses.dataclass(frozen=True)
class MergeConfig:
    """Configuration of the spectrogram merge.

    Attributes:
        envelope_bands: mel bands in which envelopes are drawn; fewer are smoother.
        neighbours: frames of the style, with the same notes and level, whose mean envelope is taken.
        level_weight: how much 6 dB of level count beside a wholly other chord.
        smoothing: frames over which a frame's new envelope is averaged.
        limit: decibels by which a band is raised or lowered at most: where the content has nothing, there is
            only noise to raise.
        kernel: frames and bins of the median filters that separate harmonic from percussive.
    """

    envelope_bands: int = 40
    neighbours: int = 12
    level_weight: float = 0.3
    smoothing: int = 5
    limit: float = 24.0
    kernel: int = 31


@dataclasses.dataclass(frozen=True)
class MusaicConfig:
    """Configuration of NMF musaicing; values of Driedger, Praetzlich & Mueller 2015 except `templates`.

    Attributes:
        templates: largest number of frames of the style.
        stretch: consecutive frames that are taken together where the style has more.
        repetition: frames on each side in which a template sounds once.
        polyphony: templates that sound at once.
        continuity: frames before and after in which a template's neighbours in time support it.
    """

    templates: int = 2000
    stretch: int = 64
    repetition: int = 3
    polyphony: int = 10
    continuity: int = 3


@dataclasses.dataclass(frozen=True)
class Config:
    """Configuration of a stylisation.

    Attributes:
        preset: name of the preset.
        method: style transfer method.
        alpha: how much the content's own sound counts: the weight of the content loss (deepmix), or the share
            of the content's envelope (merge) or magnitude (musaic) that is kept.
        iterations: of the optimiser (deepmix) or the updates (musaic).
        seed: of the filters, of the noise that deepmix starts from, and of musaic's first activations.
        loudness: LUFS of the mono mix that content and style are brought to: log1p magnitudes depend on it.
            The published notebook's two clips have -22 and -19.
        style_seconds: limit of the style's length, taken evenly from its songs.
        window_seconds: length of a window, which is stylised as a whole.
        overlap_seconds: overlap of two windows, in which they are cross-faded.
        inversion: Griffin-Lim iterations, from the content's phase.
    """

    preset: str = "custom"
    method: MethodName = "deepmix"
    alpha: float = 0.01
    iterations: int = 300
    seed: int = 0
    loudness: float = -20.0
    style_seconds: float = 60.0
    window_seconds: float = 10.0
    overlap_seconds: float = 1.0
    inversion: int = 32
    spec: AudioSpec = dataclasses.field(default_factory=AudioSpec)
    features: FeatureConfig = FeatureConfig()
    search: SearchConfig = SearchConfig()
    merge: MergeConfig = MergeConfig()
    musaic: MusaicConfig = MusaicConfig()

    @property
    def window_frames(self) -> int:
        """Frames of a window, more than of an overlap."""
        return max(self.overlap_frames + 1, round(self.window_seconds * self.spec.frame_rate))

    @property
    def overlap_frames(self) -> int:
        """Frames that two windows share, at least."""
        return round(self.overlap_seconds * self.spec.frame_rate)

    @property
    def least_frames(self) -> int:
        """Least number of frames that every method requires."""
        return 2 * max(self.features.widths)
