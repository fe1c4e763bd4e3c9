"""The Transformer keeps what every family's model has to keep."""

import pytest

from tests.contracts import STEPS, ModelContract
from tests.transcriber.seq2seq import tiny
from transcriber.seq2seq.model import Seq2Seq


@pytest.mark.slow
class TestSeq2Seq(ModelContract):
    spec, frames = tiny.SPEC, tiny.FRAMES
    falling = ("reconstruction",)

    @classmethod
    def build(cls) -> Seq2Seq:
        return tiny.model()

    def test_the_card_tells_what_it_is(self, whole):
        card = whole.model.translator_card()
        assert (card.family, card.preset, card.steps) == ("seq2seq", "seq2seq_tiny", STEPS)
