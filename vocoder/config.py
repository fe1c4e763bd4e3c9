"""Configuration of a run of the vocoder, saved with every run, and its presets."""

from __future__ import annotations

import dataclasses

from pipelines.nn.optimizers import AdversarialOptimizerConfig
from pipelines.training.config import Preset, RunConfig


@dataclasses.dataclass(frozen=True)
class NetworkConfig:
    """The correcting network (see vocoder/networks.py).

    Attributes:
        width: numbers of a frame between the blocks.
        blocks: ConvNeXt blocks.
        kernel: length of a block's kernel in frames, odd.
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
class DiscriminatorConfig:
    """The discriminators (see vocoder/discriminators.py).

    Attributes:
        begin: share of the training after which they are used; 1 for never.
        channels: width of the narrowest layer.
        resolutions: FFT lengths of the multi-resolution discriminator; a quarter of each is the hop.
        periods: periods of the multi-period discriminator, samples.
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
        features: feature matching.
        resolutions: FFT lengths of `stft`; a quarter of each is the hop.
    """

    stft: float = 1.0
    mel: float = 5.0
    amplitude: float = 0.5
    adversarial: float = 0.1
    features: float = 0.2
    resolutions: tuple[int, ...] = (2048, 1024, 512)


@dataclasses.dataclass(frozen=True)
class SourceConfig:
    """Configuration of the augmentation that turns the band's recordings into another band's.

    See vocoder/augmentation.py.

    Attributes:
        unsourced: share of the clips without a source.
        envelope: most that a clip takes of a content song's long-term spectrum, 0 to 1.
        equalizer: deviation of a random smooth curve over frequency, nepers.
        knots: points of that curve.
        delay: deviation of a random smooth delay over frequency, seconds.
        scatter: most that bins are replaced by noise of their level, below a cutoff that each clip draws;
            above it they are replaced altogether. The band's own noise would give the vocoder information
            that other recordings do not have.
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
class OptimizerConfig(AdversarialOptimizerConfig):
    """AdamW of the vocoder and of its discriminators.

    Attributes:
        warm_up: steps in which the vocoder's learning rate rises from zero.
    """

    learning_rate: float = 2e-3
    weight_decay: float = 1e-2
    beta_1: float = 0.8
    beta_2: float = 0.99
    hold: float = 0.4
    discriminator_learning_rate: float = 4e-4
    discriminator_weight_decay: float = 1e-2
    discriminator_beta_1: float = 0.8
    warm_up: int = 50


@dataclasses.dataclass(frozen=True)
class Config(RunConfig):
    """Configuration of a run of the vocoder.

    Attributes:
        translator: workdir of a translator, on whose log-mels of the band the vocoder is trained; None for
            the band's own log-mels.
        network: sizes of the network.
        discriminator: the discriminators.
        loss: weights of the losses.
        source: augmentation that makes the source of a clip.
        optimizer: of the vocoder and of its discriminators.
    """

    translator: str | None = None
    network: NetworkConfig = NetworkConfig()
    discriminator: DiscriminatorConfig = DiscriminatorConfig()
    loss: LossConfig = LossConfig()
    source: SourceConfig = SourceConfig()
    optimizer: OptimizerConfig = OptimizerConfig()

    def __post_init__(self) -> None:
        """Raises ValueError if something does not fit the spec, or a kernel has no middle."""
        if self.network.phase_bins < 1:
            raise ValueError("network.phase_bins must be at least 1")
        if self.network.kernel % 2 == 0:
            raise ValueError("network.kernel must be odd")
        samples = self.spec.samples(self.data.frames) - self.spec.n_fft
        if samples < max(self.loss.resolutions):
            raise ValueError("data.frames must be more, for the longest of loss.resolutions to fit")


def vocoder_tiny() -> Config:
    """Vocoder of 3.4 M parameters for two CPU cores and half an hour: spectral distances alone.

    Command: coverband train vocoder --data data/ --workdir runs/vocoder --minutes 30
    Expect: some 4000 steps; on the benchmark's bands valid/m_stft .58, and .65 without a source
        (Griffin-Lim, 32 iterations: 1.01 and 1.08).
    """
    return Config(
        preset="vocoder_tiny",
        steps=3000,
        network=NetworkConfig(iterations=2),
        discriminator=DiscriminatorConfig(begin=1.0),
        optimizer=OptimizerConfig(learning_rate=1e-3, hold=0.3),
    )


PRESETS = {
    "vocoder_tiny": Preset(vocoder_tiny, "some 4000 steps in half an hour on two cores"),
}
