"""Untrained models of the families with their batches, to measure train steps outside of training runs."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any, NamedTuple

import tensorflow as tf

from coverband.families import FAMILIES
from pipelines.data.batching import unpaired_batches
from pipelines.data.corpus import Corpus
from pipelines.training.devices import Devices
from pipelines.training.execution import Execution
from transcriber.loaders import heard_in

_WITHOUT_FRAME_FEATURES = ("cyclegan", "styletransfer", "vocoder")
"""Families that do not take the transcriber's note logits with every clip."""


class Trainable(NamedTuple):
    """Model before its training, with its batches.

    Attributes:
        family: name of the family.
        config: configuration of the model.
        model: see `pipelines.training.protocol.Learner`.
        devices: devices that it was built on.
        dataset: endless batches.
    """

    family: str
    config: Any
    model: Any
    devices: Devices
    dataset: tf.data.Dataset

    @classmethod
    def from_corpus(
        cls, family: str, config: Any, corpus: Corpus, folder: Path, precision: str = "float32"
    ) -> Trainable:
        """Model and batches as the train command of a family builds them.

        Args:
            family: any of FAMILIES but the transcriber, which is not trained on a corpus.
            config: configuration, with the audio spec of the corpus.
            corpus: prepared or compressed.
            folder: for caches, in place of a run's workdir.
            precision: of the networks, one of `pipelines.training.execution.PRECISIONS`.
        """
        train, data = importlib.import_module(FAMILIES[family].module), config.data
        more: dict[str, Any] = {}
        if family not in _WITHOUT_FRAME_FEATURES:
            more["frame_features"] = heard_in(corpus, folder)
        if family == "vocoder":
            more["waveforms"] = True
        devices = Devices(Execution(precision=precision))
        with devices.building():
            if family == "vocoder":
                model = train.build(config, str(corpus.folder))
            elif family == "styletransfer":
                model = train.build(config, corpus, folder=folder)
            else:
                model = train.build(config, corpus)
            dataset = unpaired_batches(corpus, frames=data.frames, batch_size=data.batch_size, seed=0, **more)
        return cls(family, config, model, devices, dataset)

    def train_function(self) -> tf.types.experimental.PolymorphicFunction:
        """Compiled train step: a batch and the progress of the run, in [0, 1], to the scalars of the step."""
        return tf.function(self.devices.steps(self.model).once, autograph=False)
