"""Content decoder: log-mels of the band from the note posteriors of a frozen transcriber.

Content features of a recogniser and a decoder trained on the target alone, as in voice conversion. Content
songs are not needed; the content has lost the source's timbre.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import keras
import numpy as np
import tensorflow as tf

from pipelines.data.corpus import Corpus
from pipelines.data.statistics import mel_statistics, training_crops
from pipelines.errors import UserError
from pipelines.nn.blocks import register
from pipelines.nn.model import Batch, Scalars
from pipelines.nn.remedies import Remedies
from transcriber import content
from transcriber.content_decoder.config import PRESETS, Config
from transcriber.content_decoder.networks import build_decoder, build_translator, context_frames
from transcriber.content_model import ContentModel
from transcriber.loaders import transcriber_of
from transcriber.perturbation import perturbed
from transcriber.transcriber import Transcriber


@register
class ContentDecoder(ContentModel):
    """Decoder that is trained with mean absolute error.

    Optimizers: "decoder".

    Attributes:
        translator: log-mel [batch, frames, n_mels, 1] -> the same shape: the decoder on the content.
    """

    family = "content_decoder"
    config_class = Config
    presets = PRESETS
    metric_descriptions: ClassVar[Mapping[str, str]] = {
        "reconstruction": "Mean absolute error of the band's log-mels, decoded from their content. Falls "
        "fast for a hundred steps, then slowly.",
        "learning_rate/decoder": "Learning rate: constant, then linear to zero at the end.",
    }
    remedies = Remedies(
        muting="Lower optimizer.learning_rate.",
        too_loud="Lower optimizer.learning_rate.",
        identity="Train longer; if it stays so, the content songs sound like the band: choose others.",
        collapse="Train longer; if it stays so, lower optimizer.learning_rate.",
    )

    def __init__(self, config: Config, transcriber: Transcriber, **kwargs: Any) -> None:
        """Builds the decoder.

        Args:
            config: of the run.
            transcriber: of the same audio spec.
            kwargs: of `keras.Model`.
        """
        super().__init__(config, transcriber, **{"name": "content_decoder", **kwargs})
        self.decoder = build_decoder(config.network, config.spec, "decoder")
        self.translator = build_translator(self.content_encoders["content"], self.decoder)

    @classmethod
    def from_data(
        cls, config: Config, data: Corpus, transcriber: Transcriber | None = None
    ) -> ContentDecoder:
        """Model with a transcriber (the shipped one if None) and the statistics of a data folder.

        Raises:
            UserError: if the clips do not divide into the transcriber's positions.
        """
        transcriber = transcriber or transcriber_of(data)
        if config.data.frames % (stride := transcriber.config.time_stride):
            raise UserError(
                f"--set data.frames={config.data.frames}: give a multiple of {stride}, the transcriber's "
                "time stride"
            )
        model = cls(config, transcriber)
        clips = training_crops(data)
        model.set_levels(clips)
        model.decoder.get_layer("band_statistics").set_statistics(*mel_statistics(clips["band"]))
        return model

    @property
    def trained_variables(self) -> Mapping[str, Sequence[keras.Variable]]:
        """Variables of the decoder."""
        return {"decoder": self.decoder.trainable_variables}

    def default_optimizers(self) -> Mapping[str, keras.optimizers.Optimizer]:
        """Adam, with averaged weights."""
        config = self.config.optimizer
        return {"decoder": config.optimizer(self.schedule(config.learning_rate), **config.averaged())}

    def train_step(self, clips: Batch) -> Scalars:
        """Updates the decoder.

        Args:
            clips: log-mels [batch, frames, n_mels, 1], of which "band" is used; and perhaps their note
                posteriors.

        Returns:
            The loss and the learning rate.
        """
        posteriors = content.from_clips(self.content_encoders["band"], clips, "band")
        posteriors = perturbed(posteriors, self.config.content, self.seeds(5))
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.abs(self.decoder(posteriors, training=True) - clips["band"]))
        self.update("decoder", loss, tape)
        return {"reconstruction": loss} | self.end_step()

    @property
    def frame_geometry(self) -> tuple[int, int]:
        """See `TranslationModel.frame_geometry`."""
        network = self.config.network
        multiple = int(np.lcm(self.transcriber_stride, network.time_stride))
        return context_frames(network, self.transcriber_context), multiple
