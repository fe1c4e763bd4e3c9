"""The vocoder's train step in PyTorch, see `vocoder.model.VocoderModel.train_step`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from pipelines.nn.neural_vocoder.signal import correction_width, feature_width
from tools.benchmarks.pytorch.augmentation import simulated_source, simulated_translation
from tools.benchmarks.pytorch.blocks import TimeConv
from tools.benchmarks.pytorch.learning import Average, Descent
from tools.benchmarks.pytorch.losses import features_of, fooling, logits_of, mean, telling
from tools.benchmarks.pytorch.signals import Signals, Start, unit
from tools.benchmarks.pytorch.waveform_discriminators import WaveformDiscriminator, magnitudes
from tools.benchmarks.pytorch.weights import load
from vocoder.config import NetworkConfig
from vocoder.losses import FLOOR
from vocoder.networks import phase_bins

_EPSILON, _TINY = 1e-6, 1e-12
_FAINT, _LOG_RANGE, _LARGEST = 1e-5, 6.0, 7.0


def step(model: Any, batch: Mapping[str, np.ndarray]) -> Callable[[], float] | None:
    """One step of the vocoder, and of the judges where the model's progress has reached their beginning.

    Args:
        model: `vocoder.model.VocoderModel`.
        batch: "band" and "content", waveforms [batch, samples].

    Returns:
        None if the vocoder is told what a translator makes.
    """
    if model._translate:
        return None
    band, content = (torch.from_numpy(batch[name]) for name in ("band", "content"))
    reference = Vocoder(model)
    return lambda: reference.step(band, content)


class Network(nn.ModuleDict):
    """`vocoder.networks.build_network`: features of frames to their correction."""

    def __init__(self, config: NetworkConfig, seen: int, correction: int) -> None:
        super().__init__()
        width, self.count = config.width, config.blocks
        self["stem"] = nn.Linear(seen, width)
        self["stem_norm"] = nn.LayerNorm(width, eps=_EPSILON)
        for i in range(config.blocks):
            self[f"block{i}_time"] = TimeConv(
                width, width, config.kernel, groups=width, padding="causal" if config.causal else "same"
            )
            self[f"block{i}_norm"] = nn.LayerNorm(width, eps=_EPSILON)
            self[f"block{i}_in"] = nn.Linear(width, config.expansion * width)
            self[f"block{i}_out"] = nn.Linear(config.expansion * width, width)
            self[f"block{i}_scale"] = Scale(width)
        self["last_norm"] = nn.LayerNorm(width, eps=_EPSILON)
        self["head"] = nn.Linear(width, correction)

    def forward(self, seen: Tensor) -> Tensor:
        """[batch, frames, numbers]."""
        x = self["stem_norm"](self["stem"](seen))
        for i in range(self.count):
            y = self[f"block{i}_norm"](self[f"block{i}_time"](x))
            y = self[f"block{i}_out"](functional.gelu(self[f"block{i}_in"](y)))
            x = x + self[f"block{i}_scale"](y)
        correction: Tensor = self["head"](self["last_norm"](x))
        return correction


class Scale(nn.Module):
    """A learned number per channel."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        """Scales."""
        return x * self.scale


class Vocoder:
    """All that learns, with the Keras model's weights and settings."""

    def __init__(self, model: Any) -> None:
        self.config = config = model.config
        spec = config.spec
        self.signals, self.bins = Signals(spec), phase_bins(config.network, spec)
        sizes = feature_width(spec, self.bins), correction_width(spec, self.bins)
        self.network = load(Network(config.network, *sizes), model.network)
        self.average = Average(self.network, config.optimizer.ema_momentum)
        self.descend = Descent(model.optimizers["vocoder"], self.network)
        self.begun = float(model.progress) >= config.discriminator.begin
        self.discriminator = load(WaveformDiscriminator(config.discriminator), model.discriminator)
        self.descend_discriminator = Descent(model.optimizers["discriminator"], self.discriminator)

    def step(self, band: Tensor, content: Tensor) -> float:
        """One step; the vocoder's objective."""
        with torch.no_grad():
            magnitude, told, start = self._example(band, content)
        correction = self.network(features(told, start, self.bins))
        made, loud = self._played(start, correction)
        truth = band[:, self.config.spec.n_fft : -self.config.spec.n_fft]
        loss = self._distances(truth, made) + self.config.loss.amplitude * _log_difference(
            magnitude + FLOOR, loud + FLOOR
        )
        loss = self._judge(truth, made, loss) if self.begun else loss
        self.descend.backward(loss)
        self.descend.step()
        if self.begun:
            self.descend_discriminator.step()
        self.average.follow()
        return loss.item()

    def _example(self, band: Tensor, content: Tensor) -> tuple[Tensor, Tensor, Start]:
        signals, config = self.signals, self.config.source
        magnitude = signals.stft(band).abs()
        told = simulated_translation(signals.log_mel(magnitude), config)
        source = signals.stft(simulated_source(signals, band, content, config))
        return magnitude, told, signals.start(told, source, round(config.unsourced * len(band)))

    def _played(self, start: Start, correction: Tensor) -> tuple[Tensor, Tensor]:
        """Waveforms as long as the truth, and their magnitudes."""
        log_gain, cosine, sine = correction.split([start.magnitude.shape[2], self.bins, self.bins], 2)
        magnitude = start.magnitude * torch.exp(_LARGEST * torch.tanh(log_gain / _LARGEST))
        turned = start.phase[..., : self.bins] * unit(torch.complex(1 + cosine, sine))
        phase = torch.cat([turned, start.phase[..., self.bins :]], 2)
        half = self.config.spec.n_fft // 2
        return self.signals.istft(magnitude * phase)[:, half:-half], magnitude

    def _distances(self, truth: Tensor, made: Tensor) -> Tensor:
        """Weighted distances of waveforms."""
        config, terms = self.config.loss, []
        for n_fft in config.resolutions:
            wanted, found = magnitudes(truth, n_fft), magnitudes(made, n_fft)
            distance, size = ((x.square().sum((1, 2)) + _TINY).sqrt() for x in (wanted - found, wanted))
            terms.append((distance / size).mean() + _log_difference(wanted, found))
        wanted, found = (self.signals.log_mel(self.signals.stft(x).abs()) for x in (truth, made))
        return config.stft * mean(terms) + config.mel * functional.l1_loss(found, wanted)

    def _judge(self, truth: Tensor, made: Tensor, loss: Tensor) -> Tensor:
        """The vocoder's objective with the judges; their own gradients, of the same look at both."""
        real, fake, config = self.discriminator(truth), self.discriminator(made), self.config.loss
        self.descend_discriminator.backward(telling("hinge", logits_of(real), logits_of(fake)), keep=True)
        pairs = zip(features_of(real), features_of(fake), strict=True)
        matched = mean([functional.l1_loss(b, a.detach()) for a, b in pairs])
        return loss + config.adversarial * fooling("hinge", logits_of(fake)) + config.features * matched


def features(log_mel: Tensor, start: Start, bins: int) -> Tensor:
    """Input features of the network for each frame, see `pipelines.nn.neural_vocoder.signal.features`."""
    low = start.phase[..., :bins]
    advance = functional.pad(low[:, 1:] * low[:, :-1].conj(), (0, 0, 1, 0))
    turn = functional.pad(low[..., 1:] * low[..., :-1].conj(), (1, 0))
    told = start.sourced[:, None, None].expand(-1, log_mel.shape[1], 1)
    level = start.magnitude.clamp_min(_FAINT).log() / _LOG_RANGE
    return torch.cat([log_mel, level, advance.real, advance.imag, turn.real, turn.imag, told], 2)


def _log_difference(truth: Tensor, made: Tensor) -> Tensor:
    truth, made = (x.clamp_min(FLOOR).log() for x in (truth, made))
    return functional.l1_loss(made, truth)
