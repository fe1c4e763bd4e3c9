"""Content with a view of the source, and the VAE-GAN's decoder, in PyTorch.

See `transcriber.content`, `transcriber.perturbation` and `vaegan.networks`.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from pipelines.nn.source_view import RISES
from tools.benchmarks.pytorch import diff_augment
from tools.benchmarks.pytorch.blocks import (
    LAYER_EPSILON,
    Conv,
    Standardize,
    TimeConv,
    Trunk,
    averaged,
    pack_frames,
    shuffle,
    unpack_frames,
    unshuffle,
)
from tools.benchmarks.pytorch.source_view import contrast, rises
from transcriber.config import ContentConfig, ViewConfig
from transcriber.content import CONTENT, NOTE_LOGITS, PRESENCES, SCALE, view_size
from vaegan.config import Config
from vaegan.networks import KERNEL

_BLURS = ((1, 1), (1, 3), (3, 1), (3, 3), (5, 1), (5, 3))
_LEAST_CUT, _MOST_CUT = 0.4, 1.6
_PACK, _REFINER_KERNEL = 2, 3


class Level(nn.Module):
    """Quantile map of each frame's mean, see `pipelines.nn.quantile_map.PiecewiseLinear`."""

    x: Tensor
    y: Tensor

    def __init__(self, encoder: Any) -> None:
        """Copies the knots of a Keras encoder, see `transcriber.content.build_encoder`."""
        super().__init__()
        for name, knots in zip("xy", encoder.get_layer("level").get_weights(), strict=True):
            self.register_buffer(name, torch.from_numpy(knots))

    def forward(self, log_mel: Tensor) -> Tensor:
        """[batch, frames, mels] -> [batch, frames, 1]."""
        widths = self.x.diff()
        offsets = (log_mel.mean(2, keepdim=True) - self.x[:-1]).clamp_min(0.0).minimum(widths)
        return self.y[0] + (offsets @ (self.y.diff() / widths))[..., None]


def perturbed(logits: Tensor, level: Tensor, config: ContentConfig) -> Tensor:
    """Content with random perturbations: logits scaled and with noise, levels shifted and with noise.

    Args:
        logits: note and drum logits [batch, frames, NOTE_LOGITS].
        level: [batch, frames, 1].
        config: strength of the perturbations.

    Returns:
        [batch, frames, CONTENT].
    """
    batch, _, classes = logits.shape
    factor = _uniform(batch, config.least, config.most)
    noise = config.pitch_noise * torch.randn(batch, 1, classes) + config.noise * torch.randn(logits.shape)
    offset = config.level * torch.randn(batch, 1, 1)
    level = level + offset + config.level_noise * torch.randn(level.shape)
    return torch.cat([torch.addcmul(noise, factor, logits) * SCALE, level], 2)


def presence(content: Tensor, group: str) -> Tensor:
    """Presence of a group of the view, [batch, frames]."""
    return content[:, :, PRESENCES.index(group) - len(PRESENCES)]


def with_perturbed_view(content: Tensor, log_mel: Tensor, config: ViewConfig) -> Tensor:
    """Content with a randomly perturbed view, of which groups are absent from some of the clips.

    Args:
        content: [batch, frames, CONTENT].
        log_mel: [batch, frames, mels].
        config: strength of the perturbations.

    Returns:
        [batch, frames, view_size(mels)].
    """
    batch, frames, _ = log_mel.shape
    gains = 1.0 - config.gain, 1.0 + config.gain
    risen = rises(log_mel) * _uniform(batch, *gains) * _uniform(batch, *gains, RISES)
    of_contrast = (_uniform(batch, -config.drop_contrast, 1.0) / config.partial).clamp(0.0, 1.0)
    of_notes, of_rises = ((_uniform(batch) >= share) for share in (config.drop_notes, config.drop_rises))
    presences = torch.cat([of_notes, of_contrast, of_rises], 2).expand(-1, frames, -1)
    return torch.cat([content, _perturbed_contrast(log_mel, config), risen, presences], 2)


def _perturbed_contrast(log_mel: Tensor, config: ViewConfig) -> Tensor:
    """Contrast of the equalised, blurred and noisy log-mel, scaled, with noise and an upper cut."""
    batch = len(log_mel)
    heard = diff_augment.equalize(log_mel[:, None], config.equalizer, config.knots)[:, 0]
    blurs = [_BLURS[i] for i in torch.randint(0, len(_BLURS), (batch,)).tolist()]
    heard = torch.cat([averaged(clip, *blur) for clip, blur in zip(heard.split(1), blurs, strict=True)])
    heard = heard + _uniform(batch, 0.0, config.noise) * torch.randn(heard.shape)
    seen = contrast(heard.clamp_min(-1.0)) * _uniform(batch, 1.0 - config.gain, 1.0 + config.gain)
    seen = seen + _uniform(batch, 0.0, config.contrast_noise) * torch.randn(seen.shape)
    bands = seen.shape[2]
    cut = _uniform(batch, _LEAST_CUT * bands, _MOST_CUT * bands)
    return seen.masked_fill(torch.arange(bands) >= cut, 0.0)


def _uniform(batch: int, least: float = 0.0, most: float = 1.0, numbers: int = 1) -> Tensor:
    """Uniform random numbers of each clip, [batch, 1, numbers]."""
    return torch.rand(batch, 1, numbers) * (most - least) + least


def features(content: Tensor) -> Tensor:
    """First layers of a decoder of content with a view, see `transcriber.content.features`."""
    bands = content.shape[2] - CONTENT - RISES - len(PRESENCES)
    logits, level, seen, risen, presences = content.split([NOTE_LOGITS, 1, bands, RISES, len(PRESENCES)], 2)
    of_notes, of_contrast, of_rises = presences.split(1, 2)
    notes = torch.tanh(logits / (2 * SCALE)) * of_notes
    return torch.cat([notes, level, seen * of_contrast, risen * of_rises, presences], 2)


class Refiner(nn.ModuleDict):
    """2-D convolutions on log-mels and noise of each band, [batch, frames, mels] both."""

    def __init__(self, channels: int) -> None:
        """Creates the layers, of some channels."""
        super().__init__(
            {
                "refine0": Conv(2 * _PACK**2, channels, _REFINER_KERNEL),
                "refine1": Conv(channels, channels, _REFINER_KERNEL),
                "refinement": Conv(channels, _PACK**2, _REFINER_KERNEL),
            }
        )

    def forward(self, x: Tensor, noise: Tensor) -> Tensor:
        """Log-mels plus their refinement."""
        y = unshuffle(torch.stack([x, noise], 1), _PACK, _PACK)
        y = functional.relu(self["refine1"](functional.relu(self["refine0"](y))))
        return x + shuffle(self["refinement"](y), _PACK, _PACK)[:, 0]


class Decoder(nn.Module):
    """Decoder of content with a view, a latent and noise to log-mel [batch, frames, mels].

    See `vaegan.networks.build_decoder`.
    """

    def __init__(self, config: Config) -> None:
        """Creates the layers of a run's configuration."""
        super().__init__()
        sizes, mels = config.decoder, config.spec.n_mels
        self.stride, self.noise, self.limit = sizes.time_stride, sizes.noise, sizes.bound
        self.repeats = config.encoder.time_stride // sizes.time_stride
        self.stem = TimeConv((view_size(mels) + sizes.noise) * self.stride, sizes.width, KERNEL)
        self.style = nn.Linear(config.encoder.latent, sizes.width)
        self.blocks = Trunk(sizes.width, sizes.blocks, KERNEL)
        self.last_norm = nn.LayerNorm(sizes.width, eps=LAYER_EPSILON)
        self.out = nn.Linear(sizes.width, mels * self.stride)
        self.refiner = Refiner(sizes.refiner) if sizes.refiner else None
        self.band_statistics = Standardize(mels, invert=True)

    def forward(self, content: Tensor, latent: Tensor, noise: Tensor) -> Tensor:
        """Content, latents [batch, frames / latent_stride, latent], and noise of each frame to log-mels."""
        x = self.stem(pack_frames(torch.cat([features(content), noise[:, :, : self.noise]], 2), self.stride))
        x = x + self.style(latent).repeat_interleave(self.repeats, 1)
        x = unpack_frames(self.out(self.last_norm(self.blocks(x))), self.stride)
        if self.refiner is not None:
            x = self.refiner(x, noise[:, :, self.noise :])
        return self._within_bound(x)

    def bounded(self, log_mel: Tensor) -> Tensor:
        """Log-mels as the decoder can reproduce them, see `vaegan.model.VAEGAN.bounded`."""
        return self._within_bound((log_mel - self.band_statistics.mean) / self.band_statistics.deviation)

    def _within_bound(self, standard: Tensor) -> Tensor:
        """Log-mels of bounded deviations from the band's mean, by `pipelines.nn.blocks.Bound`."""
        log_mel: Tensor = self.band_statistics(self.limit * torch.tanh(standard / self.limit))
        return log_mel
