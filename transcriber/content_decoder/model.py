"""The decoder while it learns: from what the transcriber hears in the band's songs to their log-mels.

Content features from a recogniser plus a decoder trained on the target alone, as in voice conversion. Content
songs are not needed; the source's timbre is gone before the decoder.
"""

from __future__ import annotations

import random
from collections.abc import Mapping

import keras
import numpy as np
import tensorflow as tf

from pipelines.data.statistics import mel_statistics
from pipelines.nn import optimizers
from pipelines.nn.apply_gradients import descend
from pipelines.nn.averaging import track_average
from pipelines.nn.seeds import of_step
from pipelines.nn.translator import TranslatorCard
from pipelines.training.remedies import Remedies
from transcriber import content
from transcriber.content_decoder.config import Config
from transcriber.content_decoder.networks import build_decoder, build_translator, context_frames
from transcriber.networks import context_frames as heard_frames
from transcriber.transcriber import Transcriber


class DecoderModel(keras.Model):
    """A frozen transcriber, a decoder that learns, and its average.

    Attributes:
        step: steps taken, int64.
        progress: share of the training that is done; drives the learning rate; set by the training loop.
        translator: log-mel [batch, frames, n_mels, 1] -> the same shape, by averaged weights.
        curves: what each curve should look like, by the names that `train_step` returns.
        remedies: what to do about what the watch finds.
    """

    curves: Mapping[str, str] = {
        "reconstruction": "Mean absolute error of the band's log-mels from what is heard in "
        "them. Falls fast for a hundred steps, then slowly.",
        "rate/decoder": "The learning rate: constant, then straight to zero at the end.",
    }
    remedies = Remedies(
        muting="Lower optimizer.rate.",
        too_loud="Lower optimizer.rate.",
        identity="Train longer; if it stays so, the content songs sound like the band: choose others.",
        collapse="Train longer; if it stays so, lower optimizer.rate.",
    )

    def __init__(self, config: Config, transcriber: Transcriber) -> None:
        """Builds everything.

        Args:
            config: of the run.
            transcriber: of the same audio spec.
        """
        super().__init__(name="decoder_model")
        self.config, self._transcriber_config = config, transcriber.config
        self.step = tf.Variable(0, dtype=tf.int64, trainable=False, name="step")
        self.progress = tf.Variable(0.0, trainable=False, name="progress")
        # From the seed of the run (keras.utils.set_random_seed), and in the checkpoint.
        self.seed = tf.Variable(random.randrange(2**31), dtype=tf.int32, trainable=False, name="seed")
        self.encoders = {domain: self._encoder(transcriber) for domain in ("content", "band")}
        self.decoder = build_decoder(config.network, config.spec, "decoder")
        self.average = build_decoder(config.network, config.spec, "average")
        self.translator = build_translator(self.encoders["content"], self.average)
        self.average.set_weights(self.decoder.get_weights())
        self.compile()

    def _encoder(self, transcriber: Transcriber) -> keras.Model:
        encoder = content.build_encoder(transcriber.network, self.config.spec)
        encoder.trainable = False
        return encoder

    def compile(self) -> None:
        """Makes the optimizer and builds its state at once, so that a checkpoint finds it."""
        self.adam = optimizers.built(self.config.optimizer, self.decoder.trainable_variables)
        super().compile(optimizer=self.adam, jit_compile=False)

    def set_statistics(self, crops: Mapping[str, np.ndarray]) -> None:
        """Tells the networks how the band is spread, and how loud both domains are.

        Args:
            crops: for "content" and "band", log-mels [clips, frames, n_mels, 1].
        """
        for domain, encoder in self.encoders.items():
            content.set_levels(encoder, crops[domain])
        for network in (self.decoder, self.average):
            network.get_layer("band_statistics").set_statistics(*mel_statistics(crops["band"]))

    def train_step(self, clips: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """One step.

        Args:
            clips: log-mels [batch, frames, n_mels, 1], of which "band" is used; perhaps what is heard, too.
        """
        config = self.config.optimizer
        rate = optimizers.follow_schedule(self.adam, config, self.progress)
        heard = content.of_clips(self.encoders["band"], clips, "band")
        heard = content.perturbed(heard, self.config.content, of_step(self.seed, self.step, 5))
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.abs(self.decoder(heard, training=True) - clips["band"]))
        variables = self.decoder.trainable_variables
        descend(tape.gradient(loss, variables), self.adam, variables)
        track_average(self.average, self.decoder, config.average, self.step)
        self.step.assign_add(1)
        return {"reconstruction": loss, "rate/decoder": rate}

    def preview(self, log_mels: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Output of the averaged network for fixed content clips."""
        return {"translation": self.translator(log_mels["content"])}

    def translator_card(self) -> TranslatorCard:
        """Card of the translator: family, preset, training steps, context frames and time multiple."""
        heard, network = self._transcriber_config, self.config.network
        context = context_frames(network, heard_frames(heard))
        multiple = int(np.lcm(heard.time_stride, network.time_stride))
        return TranslatorCard(
            "content_decoder", self.config.preset, int(self.step.numpy()), context, multiple
        )
