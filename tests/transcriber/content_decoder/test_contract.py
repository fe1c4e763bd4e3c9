"""The decoder keeps what every family's model has to keep."""

import pytest

from tests.contracts import STEPS, ModelContract
from tests.transcriber.content_decoder import tiny
from transcriber.content_decoder.model import ContentDecoder


@pytest.mark.slow
class TestDecoder(ModelContract):
    spec, frames = tiny.SPEC, tiny.FRAMES
    falling = ("reconstruction",)

    @classmethod
    def build(cls) -> ContentDecoder:
        return tiny.model()

    def test_the_card_tells_what_it_is(self, whole):
        card = whole.model.translator_card()
        assert (card.family, card.preset, card.steps) == ("content_decoder", "content_decoder_tiny", STEPS)
