import functools

import numpy as np
import pytest
import tensorflow as tf

from pipelines import configuration
from pipelines.errors import UserError
from tests.contracts import batch_of, randomize
from tests.transcriber.seq2seq import tiny
from transcriber.seq2seq.config import PRESETS, PastConfig
from transcriber.seq2seq.model import Seq2Seq, perturbed_past

CLIPS = batch_of(tiny.SPEC, tiny.FRAMES, 0)
PATCHES = tiny.FRAMES // tiny.PATCH


@functools.cache
def trained() -> Seq2Seq:
    """A model of random weights, which no test changes."""
    model = tiny.model()
    randomize(model.forced)
    return model


def forced(content: np.ndarray, past: np.ndarray) -> np.ndarray:
    """Predictions from a given past."""
    return np.array(trained().forced([tf.constant(content), tf.constant(past)], training=False))


def test_a_prediction_depends_on_what_was_there_before_it_and_on_all_of_the_content():
    generator = np.random.default_rng(0)
    content = np.array(trained().content_encoders["band"](CLIPS["band"]))
    past = generator.normal(size=CLIPS["band"].shape).astype(np.float32)
    plain = forced(content, past)
    for patch in (0, 1, PATCHES - 1):
        frames = slice(patch * tiny.PATCH, (patch + 1) * tiny.PATCH)
        other = past.copy()
        other[:, frames] += 1.0
        moved = np.abs(forced(content, other) - plain).max(axis=(0, 2, 3))
        assert (moved[: frames.stop] == 0).all()
        assert (moved[frames.stop :] > 0).all()
        heard = content.copy()
        heard[:, frames] += 1.0
        assert (np.abs(forced(heard, past) - plain).max(axis=(0, 2, 3)) > 0).all()


def test_predictions_from_predictions_are_those_of_teacher_forcing_with_them():
    """Keys and values of earlier patches are kept, not computed again: they are the same."""
    decoder = trained().free.get_layer("decoder")
    memory = tf.random.stateless_normal([3, PATCHES, 16], [0, 0])
    free = decoder(memory)
    np.testing.assert_allclose(decoder(memory, free), free, atol=1e-4)
    assert np.abs(free[:, 1:] - free[:, :-1]).max() > 0.1


def test_no_output_is_further_from_the_band_s_mean_than_the_bound():
    model = tiny.model()
    model.free.get_layer("decoder").out.bias.assign(tf.fill([128], 1e3))
    furthest = model(CLIPS["content"]) - model.statistics.mean
    np.testing.assert_allclose(furthest, 4.0 * tf.ones_like(furthest) * model.statistics.deviation, atol=1e-4)


def test_as_many_patches_are_dropped_as_configured_and_the_others_are_noisy():
    past = tf.ones([50, 80, 4, 1])
    found = perturbed_past(past, 8, PastConfig(drop=0.3, noise=0.5), iter([[0, 1], [0, 2]])).numpy()
    patches = found.reshape(50, 10, -1)
    dropped = (patches == 0).all(axis=2)
    assert dropped.mean() == pytest.approx(0.3, abs=0.06)
    assert (patches[~dropped] != 0).all()
    assert patches[~dropped].mean() == pytest.approx(1.0, abs=0.02)
    assert patches[~dropped].std() == pytest.approx(0.5, abs=0.02)


def test_clips_are_predicted_from_the_band_s_patches_or_from_predictions(monkeypatch):
    seen = []
    predictions = tf.fill(CLIPS["band"].shape, 7.0)

    def unperturbed(log_mel, *_):
        seen.append(log_mel)
        return log_mel

    monkeypatch.setattr("transcriber.seq2seq.model.perturbed_past", unperturbed)
    for predicted, expected in ((0.0, CLIPS["band"]), (1.0, predictions)):
        model = tiny.model(past={"predicted": predicted})
        monkeypatch.setattr(model, "free", lambda content, training: predictions)
        model.train_step(CLIPS)
        np.testing.assert_allclose(seen.pop(), expected, atol=1e-6)


def test_content_songs_are_not_needed():
    assert float(tiny.model().train_step({"band": CLIPS["band"]})["reconstruction"]) > 0


@pytest.mark.parametrize("change", ["data.frames=126", "network.heads=5", "network.warm_up=33"])
def test_sizes_that_do_not_fit_are_told(change):
    with pytest.raises(UserError, match=f"{change} is not possible: .* must be "):
        configuration.apply(PRESETS["seq2seq_tiny"].config(), [change])
