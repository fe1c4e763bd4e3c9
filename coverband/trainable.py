"""Untrained models of the families with their batches, to measure train steps outside of training runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import tensorflow as tf

from coverband.families import FAMILIES
from pipelines.data.batching import unpaired_batches
from pipelines.data.corpus import Corpus
from pipelines.training.config import Execution
from pipelines.training.distribution import Devices
from transcriber.content_model import ContentModel
from transcriber.loaders import frame_features


class Trainable(NamedTuple):
    """Model before its training, with its batches.

    Attributes:
        family: name of the family.
        config: configuration of the model.
        model: see `pipelines.nn.model.BaseModel`.
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
            family: any of FAMILIES but the transcriber and the base, which are not trained on a corpus.
            config: configuration, with the audio spec of the corpus.
            corpus: prepared or compressed.
            folder: for caches, in place of a run's workdir.
            precision: of the networks, one of `pipelines.training.config.PRECISIONS`.
        """
        model_class, data = FAMILIES[family].load(), config.data
        more: dict[str, Any] = {}
        if issubclass(model_class, ContentModel):
            more["frame_features"] = frame_features(corpus, folder)
        if family == "vocoder":
            more["waveforms"] = True
        devices = Devices(Execution(precision=precision))
        with devices.building():
            model = model_class(config) if family == "vocoder" else model_class.from_data(config, corpus)
            model.compile()
            dataset = unpaired_batches(corpus, frames=data.frames, batch_size=data.batch_size, seed=0, **more)
        return cls(family, config, model, devices, dataset)

    def train_function(self, progress: float) -> tf.types.experimental.PolymorphicFunction:
        """Compiled train step: a batch to the scalars of the step.

        Args:
            progress: share of the run that is done at the first step, in [0, 1].
        """
        self.model.step.assign(round(progress * float(self.model.total_steps.numpy())))
        return tf.function(self.devices.steps(self.model).once, autograph=False)
