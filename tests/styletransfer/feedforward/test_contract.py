"""The feed-forward network keeps what every family's model has to keep."""

import pytest

from pipelines.nn.generator import context_frames
from styletransfer.feedforward.model import FeedForward
from tests.contracts import STEPS, ModelContract
from tests.styletransfer.feedforward import tiny


@pytest.mark.slow
class TestFeedForward(ModelContract):
    spec, frames = tiny.SPEC, tiny.FRAMES
    falling = ("style",)

    @classmethod
    def build(cls) -> FeedForward:
        return tiny.model()

    def test_the_card_tells_what_it_is(self, whole):
        card = whole.model.translator_card()
        assert (card.family, card.preset, card.steps) == ("styletransfer", "styletransfer_tiny", STEPS)
        assert card.context_frames == context_frames(tiny.config().generator)
