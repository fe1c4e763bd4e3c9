"""Presets of the methods without training."""

from __future__ import annotations

from styletransfer.config import Config, FeatureConfig, SearchConfig


def deepmix() -> Config:
    """The published notebook: 4096 filters of width 11, 300 iterations of L-BFGS from noise.

    Command: coverband stylize --content song.mp3 --style band.mp3 --output mix.wav
    """
    return Config(preset="deepmix")


def style_only() -> Config:
    """No content loss: from the content towards the style, not all the way (Grinstein et al. 2018).

    Command: coverband stylize --content song.mp3 --style band.mp3 --output mix.wav --preset style_only
    """
    return Config(preset="style_only", alpha=0.0, iterations=100, search=SearchConfig(start="content"))


def multi_scale() -> Config:
    """Filters that see 3, 11 and 31 frames, a Gram matrix each, after Verma & Smith 2018.

    Command: coverband stylize --content song.mp3 --style band.mp3 --output mix.wav --preset multi_scale
    """
    return Config(preset="multi_scale", features=FeatureConfig(filters=4095, widths=(3, 11, 31)))


def merge() -> Config:
    """Envelopes of the style on the excitation of the content.

    Command: coverband stylize --content song.mp3 --style band.mp3 --output mix.wav --method merge
    """
    return Config(preset="merge", method="merge", alpha=0.0, iterations=0)


def musaic() -> Config:
    """The content, put together from frames of the style (Driedger, Praetzlich & Mueller 2015).

    Command: coverband stylize --content song.mp3 --style band/ --output mix.wav --method musaic
    """
    return Config(preset="musaic", method="musaic", alpha=0.0, iterations=20, style_seconds=300.0)


PRESETS = {
    "deepmix": deepmix,
    "style_only": style_only,
    "multi_scale": multi_scale,
    "merge": merge,
    "musaic": musaic,
}
