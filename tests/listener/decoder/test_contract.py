"""The decoder keeps what every family's model has to keep."""

from listener.decoder.model import DecoderModel
from tests.contracts import STEPS, ModelContract
from tests.listener.decoder import tiny


class TestDecoder(ModelContract):
    spec, frames = tiny.SPEC, tiny.FRAMES
    falling = ("reconstruction",)

    @classmethod
    def build(cls) -> DecoderModel:
        return tiny.model()

    def test_the_card_tells_what_it_is(self, whole):
        card = whole.model.translator_card()
        assert (card.family, card.preset, card.steps) == ("decoder", "decoder_tiny", STEPS)
