"""Tests of the transcriber's TensorBoard logs, as a run of the real training loop writes them."""

import numpy as np
import pytest
import tensorflow as tf

from tests.transcriber import scenes
from tests.transcriber.conftest import STEPS
from transcriber.pictures import comparison
from transcriber.scoring import scores
from transcriber.transcriber import Transcriber

pytestmark = pytest.mark.slow

SCORES = {"f1/frame", "f1/onset", "f1/note", "f1/drums"}


@pytest.fixture(scope="module")
def written(whole):
    """(step, value) of each tag, in order."""
    found = {}
    for path in sorted(whole.workdir.logs.glob("events*")):
        for event in tf.compat.v1.train.summary_iterator(str(path)):
            for value in event.summary.value:
                found.setdefault(value.tag, []).append((event.step, value))
    return found


@pytest.fixture(scope="module")
def transcriber(whole):
    with whole.model.averaged():
        yield Transcriber(whole.model.network, whole.model.config.network, scenes.SPEC)


def test_losses_are_written_at_every_step_and_measurements_when_they_are_made(written):
    for name in ("loss/sounding", "loss/onset", "loss/drums", "learning_rate/transcriber"):
        assert [step for step, _ in written[name]] == list(range(1, STEPS + 1))
    for name in SCORES | {"preview/rolls"}:
        assert [step for step, _ in written[name]] == [4, STEPS]


def test_the_last_scores_are_those_of_the_average_on_the_validation_split(written, transcriber):
    examples = scenes.of_split("valid")
    truths = [(each.notes, each.drums, each.roll) for each in examples]
    expected = scores(scenes.SPEC, truths, [transcriber(each.log_mel) for each in examples])
    assert set(expected) == SCORES
    for name, value in expected.items():
        found = float(tf.make_ndarray(written[name][-1][1].tensor))
        assert found == pytest.approx(value, abs=1e-3)
        assert 0 <= found <= 1


def test_pictures_are_of_the_examples_beginnings_all_as_long_as_the_shortest(written, transcriber):
    examples = scenes.of_split("valid")
    frames = min(len(each.log_mel) for each in examples)
    assert frames < max(len(each.log_mel) for each in examples)
    width, height, *encoded = tf.make_ndarray(written["preview/rolls"][-1][1].tensor)
    assert len(encoded) == len(examples)
    for data, example in zip(encoded, examples, strict=True):
        mel, truth = example.log_mel[:frames], [part[:frames] for part in example.roll]
        expected = comparison(mel, type(example.roll)(*truth), transcriber(mel))
        assert expected.shape == (int(height), int(width), 3)
        assert np.abs(tf.io.decode_png(data).numpy().astype(int) - expected).max() <= 3


def test_settings_and_the_guide_to_the_curves_are_written_once(written):
    assert [step for step, _ in written["about/config"]] == [0]
    guide = written["about/what_each_curve_should_look_like"][0][1]
    assert b"f1/frame" in tf.make_ndarray(guide.tensor).item()


def test_every_curve_is_explained_where_it_is_shown(whole, written):
    for tag in SCORES | {"loss/onset"}:
        expected = whole.model.metric_descriptions[tag.removeprefix("loss/")]
        assert written[tag][0][1].metadata.summary_description == expected
