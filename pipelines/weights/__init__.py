"""Pretrained weights that are shipped with Coverband, one file for each network."""

from __future__ import annotations

from pathlib import Path

_FOLDER = Path(__file__).parent

BASE = _FOLDER / "base.npz"
"""Base, a VAE-GAN of many bands, see vaegan/base/README.md."""

TRANSCRIBER = _FOLDER / "transcriber.npz"
"""Transcriber, see transcriber/README.md."""

VOCODER = _FOLDER / "vocoder.npz"
"""Neural vocoder, see vocoder/README.md."""

TIMBRE = _FOLDER / "timbre.npz"
"""Timbre embedding, see `pipelines.metrics.embedding`."""
