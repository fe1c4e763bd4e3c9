"""The disentangled model keeps what every family's model has to keep, whoever tells the notes."""

import pytest

from tests.contracts import STEPS, ModelContract
from tests.vaegan.disentangled import tiny
from vaegan.disentangled.model import Disentangled


@pytest.mark.slow
class TestDisentangled(ModelContract):
    spec, frames = tiny.SPEC, tiny.FRAMES
    falling = ("reconstruction/band", "reconstruction/content")

    @classmethod
    def build(cls) -> Disentangled:
        return tiny.model()

    def test_the_card_tells_what_it_is(self, whole):
        card = whole.model.translator_card()
        assert (card.family, card.preset, card.steps) == ("disentangled", "disentangled_tiny", STEPS)
        assert card.time_multiple == tiny.config().style.time_stride


@pytest.mark.slow
class TestLearnedCodes(ModelContract):
    """Contract of the model with learned codes, as far as its translator differs.

    The training loop treats both kinds of codes alike, so that its tests run for one of them only.
    """

    spec, frames = tiny.SPEC, tiny.FRAMES
    test_training_changes_every_trainable_variable = None
    test_a_step_returns_finite_scalars_that_the_curves_explain = None
    test_it_learns = None
    test_resumed_equals_uninterrupted_to_the_last_bit = None

    @classmethod
    def build(cls) -> Disentangled:
        return tiny.model(codes={"source": "learned"})
