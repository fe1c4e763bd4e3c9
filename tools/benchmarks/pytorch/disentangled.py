"""The disentangled model's train step in PyTorch, see `vaegan.disentangled.model.Disentangled.train_step`.

Both losses' gradients are taken before either update, so a translation is judged once for both; and what
codes that do not learn add to the objective, the probe's loss, is left out of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from tools.benchmarks.pytorch.blocks import (
    LAYER_EPSILON,
    Judge,
    Standardize,
    TimeConv,
    Trunk,
    folded,
    unfolded,
)
from tools.benchmarks.pytorch.learning import Average, Descent
from tools.benchmarks.pytorch.losses import cross_entropy, logits_of
from tools.benchmarks.pytorch.playing import Level, perturbed, probabilities
from tools.benchmarks.pytorch.transcriber import Transcriber, config_of
from tools.benchmarks.pytorch.weights import load
from transcriber.content import CONTENT
from vaegan.config import DecoderConfig
from vaegan.disentangled.config import StyleConfig
from vaegan.disentangled.networks import KERNEL

DOMAINS = ("band", "content")
_ENCODER_KERNEL, _PROBE_WIDTH = 3, 64


def step(model: Any, batch: Mapping[str, np.ndarray]) -> Callable[[], float] | None:
    """One step of what makes clips, and one of what judges them.

    Args:
        model: `vaegan.disentangled.model.Disentangled`.
        batch: log-mels "content" and "band", [batch, frames, n_mels, 1], and what is heard in them.

    Returns:
        None if the codes are learnt, which no preset has, or the batch does not say what is heard.
    """
    if model.config.codes.source != "transcriber" or "band/heard" not in batch:
        return None
    clips = {name: torch.from_numpy(each[..., 0] if each.ndim == 4 else each) for name, each in batch.items()}
    peer = Disentangled(model)
    return lambda: peer.step(clips)


class StyleEncoder(nn.Module):
    """Log-mel [batch, frames, mels] -> one style of each clip, [batch, size]."""

    def __init__(self, config: StyleConfig, mels: int) -> None:
        super().__init__()
        self.stride = config.time_stride
        self.statistics = Standardize(mels)
        self.stem = nn.Linear(mels * self.stride, config.width)
        self.blocks = Trunk(config.width, [1] * config.blocks, _ENCODER_KERNEL)
        self.last_norm = nn.LayerNorm(config.width, eps=LAYER_EPSILON)
        self.style = nn.Linear(config.width, config.size)

    def forward(self, log_mel: Tensor) -> Tensor:
        """The mean over positions."""
        x = self.stem(folded(self.statistics(log_mel), self.stride))
        return self.style(self.last_norm(self.blocks(x))).mean(1)


class Decoder(nn.Module):
    """Codes [batch, positions, codes] and styles [batch, size] to log-mel [batch, frames, mels]."""

    def __init__(self, config: DecoderConfig, codes: int, style: int, mels: int) -> None:
        super().__init__()
        self.stride, numbers = config.time_stride, mels * config.time_stride
        self.stem = TimeConv(codes, config.width, KERNEL)
        self.blocks = Trunk(config.width, [1] * config.blocks, KERNEL, style=style)
        self.last_norm = nn.LayerNorm(config.width, eps=LAYER_EPSILON)
        self.out, self.spectrum = nn.Linear(config.width, numbers), nn.Linear(style, numbers)
        self.statistics = Standardize(mels, invert=True)

    def forward(self, played: Tensor, styles: Tensor) -> Tensor:
        """Plays; a style is the same at all positions, and is looked at once."""
        styles = styles[:, None]
        x = self.last_norm(self.blocks(self.stem(played), styles))
        made: Tensor = self.statistics(unfolded(self.out(x) + self.spectrum(styles), self.stride))
        return made


class Probe(nn.Module):
    """Tells the domain from codes: [batch, positions, codes] -> logits [batch, positions, 1]."""

    def __init__(self, codes: int) -> None:
        super().__init__()
        self.look, self.logit = TimeConv(codes, _PROBE_WIDTH, KERNEL), nn.Linear(_PROBE_WIDTH, 1)

    def forward(self, played: Tensor) -> Tensor:
        """Tells."""
        logits: Tensor = self.logit(functional.relu(self.look(played)))
        return logits


class Disentangled:
    """All that learns, and the transcriber, with the Keras model's weights and settings."""

    def __init__(self, model: Any) -> None:
        self.config = config = model.config
        mels, codes = config.spec.n_mels, CONTENT * config.decoder.time_stride
        hearing = model.codes._hearing
        heard = hearing["content"].get_layer("transcriber")
        self.transcriber = load(Transcriber(config_of(heard), config.spec), heard).requires_grad_(False)
        self.levels = {domain: Level(hearing[domain]) for domain in DOMAINS}
        self.style_encoder = load(StyleEncoder(config.style, mels), model.style_encoder)
        self.decoder = load(Decoder(config.decoder, codes, config.style.size, mels), model.decoder)
        self.discriminator = load(Judge(config.discriminator, mels), model.discriminator)
        self.probe = load(Probe(codes), model.probe)
        self.average = Average(self.decoder, config.optimizer.average)
        self.latent = torch.zeros(config.style.size)
        self.descend = Descent(model.generator_optimizer, self.style_encoder, self.decoder)
        self.descend_judges = Descent(model.judge_optimizer, self.discriminator, self.probe)

    def step(self, clips: Mapping[str, Tensor]) -> float:
        """One step; the sum of both objectives."""
        clips = {name: torch.cat(each.chunk(2, 1)) for name, each in clips.items()}
        with torch.no_grad():
            played = self._played(clips)
        halves = {domain: self.style_encoder(clips[domain]).chunk(2) for domain in DOMAINS}
        styles = {domain: torch.cat(each[::-1]) for domain, each in halves.items()}
        asked = styles["band"].detach()
        wanted = torch.cat([styles["band"], styles["content"], asked])
        wanted = wanted + self.config.style.noise * torch.randn(wanted.shape)
        notes = torch.cat([played["band"], played["content"], played["content"]])
        band, song, translation = self.decoder(notes, wanted).chunk(3)
        made = logits_of(self.discriminator(translation[:, None]))
        loss = self.config.loss.reconstruction * (
            functional.l1_loss(band, clips["band"]) + functional.l1_loss(song, clips["content"])
        )
        loss = loss + self.config.loss.style * functional.l1_loss(self.style_encoder(translation), asked)
        loss = loss + self.config.loss.adversarial * cross_entropy(made, real=True)
        judged = self._judged(clips["band"], made, played)
        self.descend.backward(loss, keep=True)
        self.descend_judges.backward(judged)
        self.descend.step()
        self.descend_judges.step()
        self.average.follow()
        self.latent.lerp_(asked.mean(0), 1 - self.config.optimizer.average)
        return (loss + judged).item()

    def _played(self, clips: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """The codes of each domain's clips; of the first band clips, those heard in a translation."""
        count = round(self.config.loss.reheard * len(clips["band"]))
        heard = {name: clips[f"{name}/heard"] for name in DOMAINS}
        played = {name: self._codes(heard[name], clips[name], name) for name in DOMAINS}
        if count:
            styles = self.style_encoder(clips["content"][:count])
            made = self.average.network(played["band"][:count], styles).clamp_min(-1.0)
            logits = self.transcriber(made[:, None])
            again = torch.cat([logits["sounding"], logits["onset"], logits["drums"]], 2)
            played["band"][:count] = self._codes(again, made, "content")
        return played

    def _codes(self, heard: Tensor, log_mel: Tensor, domain: str) -> Tensor:
        content = perturbed(heard, self.levels[domain](log_mel), self.config.content)
        return folded(probabilities(content), self.config.decoder.time_stride)

    def _judged(self, real: Tensor, made: list[Tensor], played: Mapping[str, Tensor]) -> Tensor:
        """Loss that the discriminator and the probe minimise."""
        loss = cross_entropy(logits_of(self.discriminator(real[:, None])), real=True)
        loss = loss + cross_entropy(made, real=False)
        told = [cross_entropy([self.probe(played[name])], real=name == "band") for name in DOMAINS]
        return loss + 0.5 * (told[0] + told[1])
