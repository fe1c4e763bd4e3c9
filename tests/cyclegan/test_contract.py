"""CycleGAN keeps what every family's model has to keep, and a trained one is what it says."""

import numpy as np

from cyclegan.model import CycleGAN
from pipelines.nn.generator import context_frames
from tests.contracts import STEPS, ModelContract, batch_of
from tests.cyclegan import tiny

BATCH = batch_of(tiny.SPEC, tiny.FRAMES, 0)


class TestCycleGAN(ModelContract):
    spec, frames = tiny.SPEC, tiny.FRAMES
    falling = ("cycle/band", "cycle/content", "identity/band", "discriminator/band", "discriminator/content")

    @classmethod
    def build(cls) -> CycleGAN:
        return tiny.model()

    def test_the_preview_is_the_translation_and_the_way_back(self, whole):
        model = whole.model
        shown = model.preview(BATCH)
        assert set(shown) == {"translation", "cycle"}
        np.testing.assert_allclose(shown["translation"], model.translator(BATCH["content"]), atol=1e-6)
        back = model.generators["content"](shown["translation"])
        np.testing.assert_allclose(shown["cycle"], back, atol=1e-6)

    def test_the_card_tells_what_it_is(self, whole):
        model = whole.model
        card = model.translator_card()
        assert (card.family, card.preset, card.steps) == ("cyclegan", "cyclegan_tiny", STEPS)
        assert card.context_frames == context_frames(model.config.generator)
        assert card.time_multiple == model.config.generator.time_stride
