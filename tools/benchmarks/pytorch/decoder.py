"""The decoder's train step in PyTorch, see `transcriber.content_decoder.model.ContentDecoder.train_step`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from tools.benchmarks.pytorch.learning import Average, Descent
from tools.benchmarks.pytorch.playing import Decoder, Level, perturbed
from tools.benchmarks.pytorch.weights import load


def step(model: Any, batch: Mapping[str, np.ndarray]) -> Callable[[], float] | None:
    """One step of the decoder.

    Args:
        model: `transcriber.content_decoder.model.ContentDecoder`.
        batch: "band", log-mels [batch, frames, n_mels, 1], and what is heard in them, "band/heard".

    Returns:
        None if the batch does not say what is heard, which it does in training.
    """
    if "band/heard" not in batch:
        return None
    config = model.config
    heard, clips = torch.from_numpy(batch["band/heard"]), torch.from_numpy(batch["band"][..., 0])
    level = Level(model.encoders["band"])
    decoder = load(Decoder(config.network, config.spec.n_mels), model.decoder)
    descend = Descent(model.adam, decoder)
    average = Average(decoder, config.optimizer.average)

    def train() -> float:
        loss = functional.l1_loss(decoder(perturbed(heard, level(clips), config.content)), clips)
        descend(loss)
        average.follow()
        return loss.item()

    return train
