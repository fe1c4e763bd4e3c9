"""Model families, by their names in `coverband train`."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any

from coverband.dispatch import Command

FAMILIES = {
    "vaegan": Command("vaegan.train", "VAE-GAN: encoder and decoder of the band's sound, adversarial"),
    "cyclegan": Command("cyclegan.train", "CycleGAN: two generators, unpaired"),
    "disentangled": Command("vaegan.disentangled.train", "separate content and style encoders"),
    "content_decoder": Command("transcriber.content_decoder.train", "supervised decoder of note posteriors"),
    "styletransfer": Command("styletransfer.feedforward.train", "feed-forward Gram-matrix style transfer"),
    "transcriber": Command("transcriber.train", "note, onset and drum posteriors, from rendered scores"),
    "vocoder": Command("vocoder.train", "waveforms from log-mels and the source's phase"),
}


def presets(family: str) -> Mapping[str, Callable[[], Any]]:
    """Functions that return a configuration, by the name of the preset; the first is the default."""
    module = FAMILIES[family].module.rpartition(".")[0] + ".presets"
    found: Mapping[str, Callable[[], Any]] = importlib.import_module(module).PRESETS
    return found
