"""The shared-latent model keeps what every family's model has to keep."""

import numpy as np
import pytest

from tests.contracts import STEPS, ModelContract, batch_of
from tests.vaegan.shared_latent import tiny
from vaegan.shared_latent.model import SharedLatent


@pytest.mark.slow
class TestSharedLatent(ModelContract):
    spec, frames = tiny.SPEC, tiny.FRAMES
    falling = ("pixels/band", "pixels/content", "cycle/band", "cycle/content")
    # While no patch is outside its margin, the hinge's gradients of real and generated clips cancel out here.
    unchanged = tuple(
        f"{domain}_discriminator/scale{scale}/logits/bias"
        for domain in ("content", "band")
        for scale in (0, 1)
    )

    @classmethod
    def build(cls) -> SharedLatent:
        return tiny.model()

    def test_the_card_tells_what_it_is(self, whole):
        card = whole.model.translator_card()
        assert (card.family, card.preset, card.steps) == ("shared_latent", "shared_latent_tiny", STEPS)
        assert card.time_multiple == tiny.config().encoder.time_stride
        assert not card.closeness

    def test_the_preview_is_the_translation_and_the_way_back(self, whole):
        model, source = whole.model, batch_of(tiny.SPEC, tiny.FRAMES, 0)["content"]
        shown = model.preview({"content": source})
        latent = model.content_codes(source, "content")
        np.testing.assert_allclose(shown["translation"], model.decoders["band"](latent), atol=1e-6)
        latent = model.content_codes(shown["translation"], "band")
        np.testing.assert_allclose(shown["cycle"], model.decoders["content"](latent), atol=1e-6)

    def test_no_output_is_far_beyond_the_band(self, translator):
        statistics = translator.model.get_layer("band_decoder").get_layer("statistics")
        x = 5.0 * self.song(4 * translator.card.time_multiple)
        deviations = np.abs(translator(x) - statistics.mean) / statistics.deviation
        assert np.max(deviations) <= tiny.config().decoder.bound
