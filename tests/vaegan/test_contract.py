"""The VAE-GAN keeps what every family's model has to keep."""

import numpy as np
import pytest
import tensorflow as tf

from tests.contracts import STEPS, ModelContract
from tests.vaegan import tiny
from vaegan.model import VAEGAN


class TestVAEGAN(ModelContract):
    spec, frames = tiny.SPEC, tiny.FRAMES
    falling = ("reconstruction/pixels",)
    # While no patch is outside its margin, the hinge's gradients of real and generated clips cancel out here.
    unchanged = ("discriminator/scale0/logits/bias", "discriminator/scale1/logits/bias")

    @classmethod
    def build(cls) -> VAEGAN:
        return tiny.model()

    def test_the_card_tells_what_it_is(self, whole):
        card = whole.model.translator_card()
        assert (card.family, card.preset, card.steps) == ("vaegan", "vaegan_tiny", STEPS)
        assert card.time_multiple == tiny.config().encoder.time_stride

    def test_noise_depends_on_the_position(self, translator):
        x = self.song(2 * translator.card.time_multiple)
        first, again, other = (translator(x, frame).numpy() for frame in (0, 0, 16))
        np.testing.assert_array_equal(first, again)
        assert np.abs(first - other).max() > 1e-3

    def test_closeness_is_a_dial(self, translator):
        assert translator.card.closeness
        x = self.song(4 * translator.card.time_multiple)
        free, automatic, close = (translator(x, closeness=each).numpy() for each in (0.0, 0.5, 1.0))
        np.testing.assert_array_equal(automatic, translator(x))
        assert np.abs(free - close).max() > 1e-2
        both = translator(tf.repeat(x, 2, axis=0), closeness=[0.0, 1.0]).numpy()
        np.testing.assert_allclose(both, np.concatenate([free, close]), atol=1e-5)

    def test_no_output_is_far_beyond_the_band(self, translator):
        statistics = translator.model.get_layer("decoder").get_layer("band_statistics")
        x = 5.0 * self.song(4 * translator.card.time_multiple)
        deviations = np.abs(translator(x) - statistics.mean) / statistics.deviation
        assert np.max(deviations) <= tiny.config().decoder.bound


@pytest.mark.slow
class TestVAEGANWithDynamics(ModelContract):
    spec, frames = tiny.SPEC, tiny.FRAMES
    falling = ("reconstruction/pixels",)
    unchanged = TestVAEGAN.unchanged

    @classmethod
    def build(cls) -> VAEGAN:
        return tiny.model(**tiny.DYNAMICS)

    def test_levels_are_followed_as_far_as_the_song_is(self, translator):
        x = self.song(4 * translator.card.time_multiple)
        layer = translator.model.get_layer("content_group_levels")
        before = [translator(x, closeness=each).numpy() for each in (0.0, 1.0)]
        layer.means.assign(layer.means + np.linspace(-0.3, 0.3, 16))
        free, close = (translator(x, closeness=each).numpy() for each in (0.0, 1.0))
        layer.means.assign(layer.means - np.linspace(-0.3, 0.3, 16))
        np.testing.assert_array_equal(free, before[0])
        assert np.abs(close - before[1]).max() > 1e-3
