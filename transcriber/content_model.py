"""Base class of models whose decoder is conditioned on the note posteriors of a frozen transcriber."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from pipelines import configuration
from pipelines.nn.model import TranslationModel
from transcriber import content
from transcriber.network_config import NetworkConfig, context_frames
from transcriber.networks import build_network
from transcriber.transcriber import Transcriber


class ContentModel(TranslationModel):
    """Model with frozen content encoders.

    Attributes:
        content_encoders: by domain, log-mel -> content; they share the transcriber's layers, and each has the
            levels of its domain; see `transcriber.content.build_encoder`.
        transcriber_context: context frames of the transcriber.
        transcriber_stride: multiple that the transcriber's number of frames must be of.
    """

    def __init__(self, config: Any, transcriber: Transcriber, **kwargs: Any) -> None:
        """Builds the content encoders.

        Args:
            config: of the run.
            transcriber: of the same audio spec.
            kwargs: of `keras.Model`.
        """
        super().__init__(config, **kwargs)
        self._transcriber_config = transcriber.config
        self.transcriber_context = context_frames(transcriber.config)
        self.transcriber_stride = transcriber.config.time_stride
        self.content_encoders = {
            domain: content.build_encoder(transcriber.network, config.spec) for domain in ("content", "band")
        }
        for encoder in self.content_encoders.values():
            encoder.trainable = False

    def set_levels(self, clips: Mapping[str, np.ndarray]) -> None:
        """Sets the distribution of each domain's levels.

        Args:
            clips: for "content" and "band", log-mels [clips, frames, n_mels, 1].
        """
        for domain, encoder in self.content_encoders.items():
            content.set_levels(encoder, clips[domain])

    def get_config(self) -> dict[str, Any]:
        """Configuration of the model and of its transcriber, as plain values."""
        return {**super().get_config(), "transcriber": dataclasses.asdict(self._transcriber_config)}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> ContentModel:
        """Model of a configuration; its weights, the transcriber's included, are new."""
        of_run: Any = configuration.from_dict(cls.config_class, config["config"])
        network = configuration.from_dict(NetworkConfig, config["transcriber"])
        return cls(of_run, Transcriber(build_network(network, of_run.spec), network, of_run.spec))
