"""Everything that a run of the vocoder can be told, as frozen dataclasses; saved with every run."""

from __future__ import annotations

import dataclasses

from pipelines.audio.spec import AudioSpec
from pipelines.data.config import CropConfig


@dataclasses.dataclass(frozen=True)
class NetworkConfig:
    """The correcting network (see vocoder/networks.py).

    Attributes:
        width: numbers of a frame between the blocks.
        blocks: ConvNeXt blocks.
        kernel: frames that a block sees, an odd number.
        expansion: of the width inside a block.
        phase_bins: how many bins' phases are seen and turned, from the lowest on; all where there are fewer.
        causal: whether frames see only what was before them.
        layer_scale: what the blocks' outputs are first multiplied by.
        iterations: of Griffin-Lim after the network, where it is used.
    """

    width: int = 256
    blocks: int = 5
    kernel: int = 7
    expansion: int = 3
    phase_bins: int = 512
    causal: bool = False
    layer_scale: float = 0.125
    iterations: int = 0


@dataclasses.dataclass(frozen=True)
class JudgesConfig:
    """The discriminators (see vocoder/discriminators.py).

    Attributes:
        begin: progress from which on they judge and are learnt from; 1 for never.
        channels: width of the narrowest layer.
        resolutions: FFT lengths of the judges of spectra; a quarter of each is the hop.
        periods: samples by which the judges of waveforms fold them.
    """

    begin: float = 0.5
    channels: int = 8
    resolutions: tuple[int, ...] = (2048, 1024, 512)
    periods: tuple[int, ...] = (2, 3, 5, 7, 11)


@dataclasses.dataclass(frozen=True)
class LossConfig:
    """Weights.

    Attributes:
        stft: multi-resolution spectral convergence plus log magnitude.
        mel: absolute error of the log-mel.
        amplitude: absolute error of the log magnitudes before the inverse STFT.
        adversarial: hinge.
        features: distance of what the discriminators see.
        resolutions: FFT lengths of `stft`; a quarter of each is the hop.
    """

    stft: float = 1.0
    mel: float = 5.0
    amplitude: float = 0.5
    adversarial: float = 0.1
    features: float = 0.2
    resolutions: tuple[int, ...] = (2048, 1024, 512)


@dataclasses.dataclass(frozen=True)
class AlterConfig:
    """Configuration of the augmentation that turns the band's recordings into another band's.

    See vocoder/augmentation.py.

    Attributes:
        unsourced: share of the clips without a source.
        envelope: most that a clip takes of a content song's long-term spectrum, 0 to 1.
        equalizer: deviation of a random smooth curve over frequency, nepers.
        knots: points of that curve.
        delay: deviation of a random smooth delay over frequency, seconds.
        scatter: most that bins are replaced by noise of their level, below a cutoff that each clip draws;
            above it they are replaced altogether. The band's own noise would tell the vocoder what no other
            recording knows.
        smear: most that levels are averaged over time, 0 to 1: what is struck is bowed.
        drive: most that the clip is driven into saturation, times its level.
        noise: most noise, relative to the clip's level.
        blur: share of the clips whose log-mel is smoothed, as translators' are.
        mel_noise: most noise of the log-mel, its own units.
    """

    unsourced: float = 0.25
    envelope: float = 1.0
    equalizer: float = 0.7
    knots: int = 16
    delay: float = 0.003
    scatter: float = 0.5
    smear: float = 0.7
    drive: float = 4.0
    noise: float = 0.03
    blur: float = 0.25
    mel_noise: float = 0.01


@dataclasses.dataclass(frozen=True)
class OptimizerConfig:
    """AdamW, twice.

    Attributes:
        rate: of the vocoder.
        judge_rate: of the discriminators.
        warm_up: steps in which the vocoder's rate rises from nothing.
        hold: progress up to which the rates are constant; then they fall linearly to zero.
        beta_1: decay of the first moment.
        beta_2: of the second.
        decay: of the weights.
        clip_norm: largest norm of a gradient.
        average: decay of the weights' moving average.
    """

    rate: float = 2e-3
    judge_rate: float = 4e-4
    warm_up: int = 50
    hold: float = 0.4
    beta_1: float = 0.8
    beta_2: float = 0.99
    decay: float = 1e-2
    clip_norm: float = 5.0
    average: float = 0.995


@dataclasses.dataclass(frozen=True)
class Config:
    """A whole run.

    Attributes:
        preset: the name that it started from.
        steps: training steps when the command line gives neither steps nor minutes.
        translator: workdir of a translator, whose generated log-mels the vocoder is told; None tells it the
            band's own.
    """

    preset: str = "custom"
    steps: int = 3000
    translator: str | None = None
    spec: AudioSpec = dataclasses.field(default_factory=AudioSpec)
    network: NetworkConfig = NetworkConfig()
    judges: JudgesConfig = JudgesConfig()
    loss: LossConfig = LossConfig()
    alter: AlterConfig = AlterConfig()
    optimizer: OptimizerConfig = OptimizerConfig()
    data: CropConfig = dataclasses.field(default_factory=CropConfig)

    def __post_init__(self) -> None:
        """Raises ValueError if something does not fit the spec, or a kernel has no middle."""
        if self.network.phase_bins < 1:
            raise ValueError("network.phase_bins must be at least 1")
        if self.network.kernel % 2 == 0:
            raise ValueError("network.kernel must be odd")
        samples = self.spec.samples(self.data.frames) - self.spec.n_fft
        if samples < max(self.loss.resolutions):
            raise ValueError("data.frames must be more, for the longest of loss.resolutions to fit")
