"""Vocoder train step in PyTorch, see `vocoder.model.VocoderModel.train_step`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from pipelines.nn.neural_vocoder.signal import correction_width, feature_width
from tools.benchmarks.pytorch.blocks import TimeConv
from tools.benchmarks.pytorch.losses import discriminator_loss, features_of, generator_loss, logits_of, mean
from tools.benchmarks.pytorch.optimization import Optimizer, WeightAverage
from tools.benchmarks.pytorch.signals import Signals, Start, unit
from tools.benchmarks.pytorch.waveform_augmentation import simulated_source, simulated_translation
from tools.benchmarks.pytorch.waveform_discriminators import WaveformDiscriminators, magnitudes
from tools.benchmarks.pytorch.weights import load
from vocoder.config import NetworkConfig
from vocoder.losses import FLOOR
from vocoder.networks import phase_bins

_EPSILON, _TINY = 1e-6, 1e-12
_FAINT, _LOG_RANGE, _LARGEST = 1e-5, 6.0, 7.0


def step(model: Any, batch: Mapping[str, np.ndarray]) -> Callable[[], float] | None:
    """Train step of the vocoder, and of the discriminators once the model's progress has reached their start.

    Args:
        model: `vocoder.model.VocoderModel`.
        batch: "band" and "content", waveforms [batch, samples].

    Returns:
        None if the vocoder trains on the outputs of a translator.
    """
    if model._translate:
        return None
    band, content = (torch.from_numpy(batch[name]) for name in ("band", "content"))
    reference = Vocoder(model)
    return lambda: reference.step(band, content)


class Network(nn.ModuleDict):
    """Network of a frame's features to its correction, see `vocoder.networks.build_network`."""

    def __init__(self, config: NetworkConfig, features: int, correction: int) -> None:
        super().__init__()
        width, self.count = config.width, config.blocks
        self["stem"] = nn.Linear(features, width)
        self["stem_norm"] = nn.LayerNorm(width, eps=_EPSILON)
        for i in range(config.blocks):
            self[f"block{i}_time"] = TimeConv(width, width, config.kernel, groups=width, causal=config.causal)
            self[f"block{i}_norm"] = nn.LayerNorm(width, eps=_EPSILON)
            self[f"block{i}_in"] = nn.Linear(width, config.expansion * width)
            self[f"block{i}_out"] = nn.Linear(config.expansion * width, width)
            self[f"block{i}_scale"] = Scale(width)
        self["last_norm"] = nn.LayerNorm(width, eps=_EPSILON)
        self["head"] = nn.Linear(width, correction)

    def forward(self, x: Tensor) -> Tensor:
        """[batch, frames, features] -> [batch, frames, correction]."""
        x = self["stem_norm"](self["stem"](x))
        for i in range(self.count):
            y = self[f"block{i}_norm"](self[f"block{i}_time"](x))
            y = self[f"block{i}_out"](functional.gelu(self[f"block{i}_in"](y)))
            x = x + self[f"block{i}_scale"](y)
        correction: Tensor = self["head"](self["last_norm"](x))
        return correction


class Scale(nn.Module):
    """Trainable scale per channel."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        """[..., width] -> [..., width]."""
        return x * self.scale


class Vocoder:
    """Networks and optimizers with the Keras model's weights and settings."""

    def __init__(self, model: Any) -> None:
        self.config = config = model.config
        spec = config.spec
        self.signals, self.bins = Signals(spec), phase_bins(config.network, spec)
        sizes = feature_width(spec, self.bins), correction_width(spec, self.bins)
        self.network = load(Network(config.network, *sizes), model.network)
        self.average = WeightAverage(self.network, config.optimizer.ema_momentum)
        self.optimizer = Optimizer(model.optimizers["vocoder"], self.network)
        self.adversarial = float(model.progress) >= config.discriminator.begin
        self.discriminators = load(WaveformDiscriminators(config.discriminator), model.discriminator)
        self.discriminator_optimizer = Optimizer(model.optimizers["discriminator"], self.discriminators)

    def step(self, band: Tensor, content: Tensor) -> float:
        """One train step; returns the vocoder's loss."""
        with torch.no_grad():
            magnitude, log_mel, start = self._example(band, content)
        correction = self.network(features(log_mel, start, self.bins))
        output, output_magnitude = self._synthesize(start, correction)
        truth = band[:, self.config.spec.n_fft : -self.config.spec.n_fft]
        loss = self._distances(truth, output) + self.config.loss.amplitude * _log_difference(
            magnitude + FLOOR, output_magnitude + FLOOR
        )
        loss = self._with_adversarial_terms(truth, output, loss) if self.adversarial else loss
        self.optimizer.backward(loss)
        self.optimizer.step()
        if self.adversarial:
            self.discriminator_optimizer.step()
        self.average.update()
        return loss.item()

    def _example(self, band: Tensor, content: Tensor) -> tuple[Tensor, Tensor, Start]:
        """Magnitudes of the band's clips, log-mels, and initial spectra with simulated phases."""
        signals, config = self.signals, self.config.source
        magnitude = signals.stft(band).abs()
        log_mel = simulated_translation(signals.log_mel(magnitude), config)
        source = signals.stft(simulated_source(signals, band, content, config))
        return magnitude, log_mel, signals.start(log_mel, source, round(config.unsourced * len(band)))

    def _synthesize(self, start: Start, correction: Tensor) -> tuple[Tensor, Tensor]:
        """Corrected waveforms, as long as the truth, and their magnitudes."""
        log_gain, cosine, sine = correction.split([start.magnitude.shape[2], self.bins, self.bins], 2)
        magnitude = start.magnitude * torch.exp(_LARGEST * torch.tanh(log_gain / _LARGEST))
        corrected = start.phase[..., : self.bins] * unit(torch.complex(1 + cosine, sine))
        phase = torch.cat([corrected, start.phase[..., self.bins :]], 2)
        half = self.config.spec.n_fft // 2
        return self.signals.istft(magnitude * phase)[:, half:-half], magnitude

    def _distances(self, truth: Tensor, output: Tensor) -> Tensor:
        """Weighted spectral distances of waveforms [batch, samples]."""
        config, terms = self.config.loss, []
        for n_fft in config.resolutions:
            real, fake = magnitudes(truth, n_fft), magnitudes(output, n_fft)
            distance, size = ((x.square().sum((1, 2)) + _TINY).sqrt() for x in (real - fake, real))
            terms.append((distance / size).mean() + _log_difference(real, fake))
        real, fake = (self.signals.log_mel(self.signals.stft(x).abs()) for x in (truth, output))
        return config.stft * mean(terms) + config.mel * functional.l1_loss(fake, real)

    def _with_adversarial_terms(self, truth: Tensor, output: Tensor, loss: Tensor) -> Tensor:
        """Loss plus adversarial and feature-matching terms; also computes the discriminators' gradients."""
        real, fake, config = self.discriminators(truth), self.discriminators(output), self.config.loss
        self.discriminator_optimizer.backward(
            discriminator_loss("hinge", logits_of(real), logits_of(fake)), retain_graph=True
        )
        pairs = zip(features_of(real), features_of(fake), strict=True)
        feature_matching = mean([functional.l1_loss(b, a.detach()) for a, b in pairs])
        return (
            loss
            + config.adversarial * generator_loss("hinge", logits_of(fake))
            + config.features * feature_matching
        )


def features(log_mel: Tensor, start: Start, bins: int) -> Tensor:
    """Input features of the network for each frame, see `pipelines.nn.neural_vocoder.signal.features`."""
    low = start.phase[..., :bins]
    advance = functional.pad(low[:, 1:] * low[:, :-1].conj(), (0, 0, 1, 0))
    across = functional.pad(low[..., 1:] * low[..., :-1].conj(), (1, 0))
    sourced = start.sourced[:, None, None].expand(-1, log_mel.shape[1], 1)
    level = start.magnitude.clamp_min(_FAINT).log() / _LOG_RANGE
    return torch.cat([log_mel, level, advance.real, advance.imag, across.real, across.imag, sourced], 2)


def _log_difference(real: Tensor, fake: Tensor) -> Tensor:
    real, fake = (x.clamp_min(FLOOR).log() for x in (real, fake))
    return functional.l1_loss(fake, real)
