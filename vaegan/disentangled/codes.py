"""Content codes, by which the decoder gets the notes: of the transcriber or of a jointly trained encoder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

import keras
import numpy as np
import tensorflow as tf

from pipelines.data.schema import DOMAINS
from pipelines.data.statistics import mel_statistics
from pipelines.nn import stateless_random
from transcriber import content
from transcriber.transcriber import Transcriber
from vaegan.disentangled.config import Config
from vaegan.disentangled.networks import build_learned_codes, build_transcriber_codes

Batch = Mapping[str, tf.Tensor]
Seeds = Iterator[tf.Tensor]


class Codes(Protocol):
    """A way to tell the notes.

    Attributes:
        encoders: by domain, log-mel [batch, frames, n_mels, 1] -> codes [batch, positions, numbers].
        learnt: what is trained.
    """

    encoders: dict[str, keras.Model]
    learnt: list[keras.Variable]

    def __call__(self, batch: Batch, domain: str, seeds: Seeds) -> tf.Tensor:
        """The codes of a batch's clips of a domain, perturbed as they are in training."""
        ...

    def set_statistics(self, crops: Mapping[str, np.ndarray]) -> None:
        """Tells how both domains are spread, by log-mels [clips, frames, n_mels, 1]."""
        ...


class TranscriberCodes:
    """Content codes from the frozen transcriber: note posteriors, scaled to [-1, 1], and the level."""

    learnt: list[keras.Variable] = []  # noqa: RUF012  (never filled)

    def __init__(self, config: Config, transcriber: Transcriber) -> None:
        """Each domain's level is measured against its own; all else is shared."""
        self._config = config.content
        self._played = build_transcriber_codes(config.decoder.time_stride)
        self._hearing = {name: content.build_encoder(transcriber.network, config.spec) for name in DOMAINS}
        self.encoders = {name: _joined(hearing, self._played) for name, hearing in self._hearing.items()}

    def __call__(self, batch: Batch, domain: str, seeds: Seeds) -> tf.Tensor:
        """See `Codes`."""
        heard = content.of_clips(self._hearing[domain], batch, domain)
        return self._played(content.perturbed(heard, self._config, seeds))

    def set_statistics(self, crops: Mapping[str, np.ndarray]) -> None:
        """See `Codes`."""
        for name, hearing in self._hearing.items():
            content.set_levels(hearing, crops[name])


class LearnedCodes:
    """Codes of an encoder that learns with the decoder, one for both domains."""

    def __init__(self, config: Config) -> None:
        """Makes the encoder."""
        self._noise = config.codes.noise
        self._network = build_learned_codes(config.codes, config.decoder.time_stride, config.spec)
        self.encoders = dict.fromkeys(DOMAINS, self._network)
        self.learnt = self._network.trainable_variables

    def __call__(self, batch: Batch, domain: str, seeds: Seeds) -> tf.Tensor:
        """See `Codes`."""
        codes = self._network(batch[domain], training=True)
        return codes + self._noise * stateless_random.normal(tf.shape(codes), next(seeds))

    def set_statistics(self, crops: Mapping[str, np.ndarray]) -> None:
        """See `Codes`."""
        both = np.concatenate([crops[name] for name in DOMAINS])
        self._network.get_layer("statistics").set_statistics(*mel_statistics(both))


def _joined(first: keras.Model, second: keras.Model) -> keras.Model:
    return keras.Model(first.input, second(first.output))


def build(config: Config, transcriber: Transcriber) -> Codes:
    """Content codes that `config.codes.source` selects: `TranscriberCodes` or `LearnedCodes`."""
    return (
        TranscriberCodes(config, transcriber)
        if config.codes.source == "transcriber"
        else LearnedCodes(config)
    )
