"""The flow decoder keeps what every family's model has to keep."""

import pytest

from tests.contracts import STEPS, ModelContract
from tests.transcriber.flow_decoder import tiny
from transcriber.flow_decoder.model import FlowDecoder


@pytest.mark.slow
class TestFlowDecoder(ModelContract):
    spec, frames = tiny.SPEC, tiny.FRAMES
    falling = ("flow",)

    @classmethod
    def build(cls) -> FlowDecoder:
        return tiny.model()

    def test_the_card_tells_what_it_is(self, whole):
        card = whole.model.translator_card()
        assert (card.family, card.preset, card.steps) == ("flow_decoder", "flow_decoder_tiny", STEPS)
        assert card.closeness
