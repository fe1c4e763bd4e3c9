"""Content codes, on which the decoder is conditioned: of the transcriber or of a jointly trained encoder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

import keras
import numpy as np
import tensorflow as tf

from pipelines.data.schema import DOMAINS
from pipelines.data.statistics import mel_statistics
from transcriber import content
from transcriber.perturbation import perturbed
from vaegan.disentangled.config import Config
from vaegan.disentangled.networks import build_learned_codes, build_transcriber_codes

Batch = Mapping[str, tf.Tensor]
Seeds = Iterator[tf.Tensor]


class Codes(Protocol):
    """Content codes of clips.

    Attributes:
        encoders: by domain, log-mel [batch, frames, n_mels, 1] -> codes [batch, positions, dimensions].
        trained_variables: of a jointly trained encoder; none for the transcriber's codes.
    """

    encoders: dict[str, keras.Model]
    trained_variables: Sequence[keras.Variable]

    def __call__(self, batch: Batch, domain: str, seeds: Seeds) -> tf.Tensor:
        """Codes of a batch's clips of a domain, perturbed for training, [batch, positions, dimensions]."""
        ...

    def set_statistics(self, crops: Mapping[str, np.ndarray]) -> None:
        """Sets the statistics of both domains, from log-mels [clips, frames, n_mels, 1]."""
        ...


class TranscriberCodes:
    """Content codes from the frozen transcriber: note posteriors, scaled to [-1, 1], and the level."""

    trained_variables: Sequence[keras.Variable] = ()

    def __init__(self, config: Config, content_encoders: Mapping[str, keras.Model]) -> None:
        """Joins the content encoders with the layers that pack frames into positions.

        Args:
            config: of the run.
            content_encoders: by domain, log-mel -> content; see `transcriber.content.build_encoder`.
        """
        self._config, self._content_encoders = config.content, content_encoders
        self._packed = build_transcriber_codes(config.decoder.time_stride)
        self.encoders = {name: _joined(each, self._packed) for name, each in content_encoders.items()}

    def __call__(self, batch: Batch, domain: str, seeds: Seeds) -> tf.Tensor:
        """See `Codes`."""
        posteriors = content.from_clips(self._content_encoders[domain], batch, domain)
        return self._packed(perturbed(posteriors, self._config, seeds))

    def set_statistics(self, crops: Mapping[str, np.ndarray]) -> None:
        """See `Codes`."""
        for name, encoder in self._content_encoders.items():
            content.set_levels(encoder, crops[name])


class LearnedCodes:
    """Codes of an encoder that is trained with the decoder, one for both domains."""

    def __init__(self, config: Config) -> None:
        """Builds the encoder."""
        self._noise = config.codes.noise
        self._network = build_learned_codes(config.codes, config.decoder.time_stride, config.spec)
        self.encoders = dict.fromkeys(DOMAINS, self._network)
        self.trained_variables = self._network.trainable_variables

    def __call__(self, batch: Batch, domain: str, seeds: Seeds) -> tf.Tensor:
        """See `Codes`."""
        codes = self._network(batch[domain], training=True)
        return codes + self._noise * tf.random.stateless_normal(tf.shape(codes), next(seeds))

    def set_statistics(self, crops: Mapping[str, np.ndarray]) -> None:
        """See `Codes`."""
        both = np.concatenate([crops[name] for name in DOMAINS])
        self._network.get_layer("statistics").set_statistics(*mel_statistics(both))


def _joined(first: keras.Model, second: keras.Model) -> keras.Model:
    return keras.Model(first.input, second(first.output))


def build(config: Config, content_encoders: Mapping[str, keras.Model]) -> Codes:
    """Content codes that `config.codes.source` selects: `TranscriberCodes` or `LearnedCodes`."""
    if config.codes.source == "transcriber":
        return TranscriberCodes(config, content_encoders)
    return LearnedCodes(config)
