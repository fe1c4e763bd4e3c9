import numpy as np
import pytest

from tests.contracts import batch_of
from tests.transcriber.content_decoder import tiny

CLIPS = batch_of(tiny.SPEC, tiny.FRAMES, 0)


def test_the_transcriber_does_not_learn():
    model = tiny.model()
    before = [weight.numpy() for weight in model.content_encoders["band"].weights]
    model.train_step({"band": CLIPS["band"]})
    for weight, old in zip(model.content_encoders["band"].weights, before, strict=True):
        np.testing.assert_array_equal(weight, old)


def test_content_songs_are_not_needed():
    assert float(tiny.model().train_step({"band": CLIPS["band"]})["reconstruction"]) > 0


def test_each_domain_s_level_is_measured_against_its_own():
    model = tiny.model()
    clips = {domain: np.asarray(CLIPS[domain]) for domain in ("content", "band")}
    model.set_levels(clips)
    for domain, encoder in model.content_encoders.items():
        level = encoder(clips[domain]).numpy()[:, :, -1]
        assert level.mean() == pytest.approx(0, abs=0.15)
        assert level.std() == pytest.approx(1, abs=0.2)
    other = model.content_encoders["band"](clips["content"]).numpy()[:, :, -1]
    assert abs(other.mean()) > 0.3
