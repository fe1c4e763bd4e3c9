"""Base: a VAE-GAN that is trained on pairs of recordings by many ensembles.

The decoder is given the content of one ensemble's recording, and the latent of another one's,
and has to play the other's recording of the same excerpt. So it learns what of the content is to be kept,
with the mistakes that the transcriber makes, and what of it is the source's timbre; and the encoder learns
what makes a band. Decoder and encoder work in the deviations of a band's own recordings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import keras
import numpy as np
import tensorflow as tf

from pipelines.nn.blocks import register
from pipelines.nn.model import Batch, Scalars
from pipelines.nn.schedules import ramp
from pipelines.nn.source_view import averaged, contrast, rises
from transcriber.content import PRESENCES, from_clips, with_view
from transcriber.perturbation import Seeds, perturbed, with_perturbed_view
from transcriber.transcriber import Transcriber
from vaegan.base.config import PRESETS, Config
from vaegan.base.recordings import TranscribedRecording
from vaegan.losses import absolute_error, kl_divergence
from vaegan.model import SEEDS, VAEGAN
from vaegan.networks import latent_sample

_LEVEL_CLIPS, _LEVEL_FRAMES = 512, 128


@register
class Base(VAEGAN):
    """VAE-GAN of many bands.

    Optimizers: "decoder", which trains the encoder, too, and "discriminator".
    """

    family = "base"
    config_class = Config
    presets = PRESETS

    @classmethod
    def from_recordings(
        cls, config: Config, transcriber: Transcriber, recordings: Sequence[TranscribedRecording]
    ) -> Base:
        """Model with the levels of recordings for those of any song."""
        model = cls(config, transcriber)
        clips = _clips(recordings)
        model.set_levels({"content": clips, "band": clips})
        return model

    @property
    def trained_variables(self) -> Mapping[str, Sequence[keras.Variable]]:
        """Variables of the decoder with the encoder, and of the discriminator."""
        translating = [*self.encoder.trainable_variables, *self.decoder.trainable_variables]
        return {"decoder": translating, "discriminator": self.discriminator.trainable_variables}

    def default_optimizers(self) -> Mapping[str, keras.optimizers.Optimizer]:
        """AdamW, with averaged weights of encoder and decoder."""
        optimizers = super().default_optimizers()
        return {name: optimizers[name] for name in self.trained_variables}

    def train_step(self, clips: Batch) -> Scalars:
        """Updates the networks: a translation to another ensemble in place of the paper's reconstruction.

        Args:
            clips: see `vaegan.base.pairs.batches`.

        Returns:
            Every loss by name, unweighted, and the learning rates.
        """
        config, seeds = self.config.loss, self.seeds(SEEDS)
        content, real = self._perturbed_content(clips, seeds), self._real(clips)
        with tf.GradientTape(persistent=True) as tape:
            average, deviation = _statistics(clips)
            mean, log_variance = self.encoder((clips["style"] - average) / deviation, training=True)
            latent = latent_sample(mean, log_variance, next(seeds))
            translation = average + deviation * self._decoded(content, latent, seeds)
            losses = {
                "kl": kl_divergence(mean, log_variance),
                "reconstruction/pixels": absolute_error(translation, real),
            }
            objective = config.pixels * losses["reconstruction/pixels"] + config.kl * losses["kl"]
            if config.gan or config.features:
                losses |= self._discriminated(real, translation)
                losses["discriminator/penalty"] = self._penalty(real, deviation)
                begun = ramp(self.progress, config.warm_up, config.ramp)
                objective += begun * config.features * losses["reconstruction/features"]
                objective += begun * config.gan * losses["decoder/adversarial"]
                discriminator_objective = losses["discriminator/real"] + losses["discriminator/generated"]
                discriminator_objective += config.penalty * losses["discriminator/penalty"]
        self.update("decoder", objective, tape)
        if config.gan or config.features:
            self.update("discriminator", discriminator_objective, tape)
        return losses | self.end_step()

    def pair_translation(self, clips: Batch, presence: tf.Tensor) -> tf.Tensor:
        """Translations of unperturbed content by the mean latent.

        Args:
            clips: see `vaegan.base.pairs.batches`.
            presence: of the view and the rises, 0 to 1, a scalar.

        Returns:
            Log-mels, [batch, frames, n_mels, 1].
        """
        average, deviation = _statistics(clips)
        mean, _ = self.encoder((clips["style"] - average) / deviation, training=False)
        presences = tf.repeat(presence * tf.ones_like(clips["content/level"]), len(PRESENCES), axis=-1)
        view = contrast(averaged(clips["content"][..., 0], 3, 1)), rises(clips["content"][..., 0])
        content = with_view(self._content_of(clips), *view, presences)
        return average + deviation * self._decoded(content, mean, self.seeds(1))

    def pair_error(self, clips: Batch) -> tf.Tensor:
        """Mean absolute error of translations with the whole view, log-mel units."""
        return absolute_error(self.pair_translation(clips, tf.constant(1.0)), self._real(clips))

    def _real(self, clips: Batch) -> tf.Tensor:
        """Log-mels of the band as the decoder can reproduce them, within its bound."""
        average, deviation = _statistics(clips)
        bound = self.decoder.get_layer("bound")
        return average + deviation * bound((clips["band"] - average) / deviation)

    def _content_of(self, clips: Batch) -> tf.Tensor:
        """Content of the source, whose level is that within its own recording."""
        content = from_clips(self.content_encoders["content"], clips, "content")
        return tf.concat([content[:, :, :-1], clips["content/level"][..., None]], axis=2)

    def _perturbed_content(self, clips: Batch, seeds: Seeds) -> tf.Tensor:
        """Perturbed content of the source with a view."""
        content = perturbed(self._content_of(clips), self.config.content, seeds)
        return with_perturbed_view(content, clips["content"], self.config.view, seeds)


def _statistics(clips: Batch) -> tuple[tf.Tensor, tf.Tensor]:
    """Mean and deviation of the mel bands of each band, [batch, 1, n_mels, 1]."""
    average, deviation = tf.unstack(clips["statistics"], axis=1)
    return average[:, None, :, None], deviation[:, None, :, None]


def _clips(recordings: Sequence[TranscribedRecording]) -> np.ndarray:
    """Clips from the middle of some recordings, [clips, frames, n_mels, 1]."""
    chosen = [recordings[i] for i in np.linspace(0, len(recordings) - 1, _LEVEL_CLIPS).astype(int)]
    frames = min(_LEVEL_FRAMES, *(len(each.log_mel) for each in chosen))
    starts = [(len(each.log_mel) - frames) // 2 for each in chosen]
    cuts = [each.log_mel[start : start + frames] for each, start in zip(chosen, starts, strict=True)]
    return np.asarray(cuts, np.float32)[..., None]
