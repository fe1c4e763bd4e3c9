"""The VAE-GAN keeps what every family's model has to keep."""

from tests.contracts import STEPS, ModelContract
from tests.vaegan import tiny
from vaegan.model import VAEGAN


class TestVAEGAN(ModelContract):
    spec, frames = tiny.SPEC, tiny.FRAMES
    falling = ("reconstruction/pixels",)

    @classmethod
    def build(cls) -> VAEGAN:
        return tiny.model()

    def test_the_card_tells_what_it_is(self, whole):
        card = whole.model.translator_card()
        assert (card.family, card.preset, card.steps) == ("vaegan", "vaegan_tiny", STEPS)
        assert card.time_multiple == tiny.config().encoder.time_stride
