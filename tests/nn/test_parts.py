"""Parts of a batch on one device, in turns; on several devices: tests/training/test_strategies.py."""

import numpy as np
import pytest
import tensorflow as tf

from pipelines.nn import parts, stateless_random
from pipelines.nn.averaging import track_value

CLIPS = np.arange(24, dtype=np.float32).reshape(12, 2)
SEED = tf.constant([3, 4])


def in_turns(count, step):
    """Outputs of a step for all micro-batches, in the order of the whole batch, and their mean."""
    seen = []

    def keep(batch):
        seen.append(step(batch["clips"]))
        return {"mean": tf.reduce_mean(seen[-1])}

    mean = parts.in_turns(keep, {"clips": tf.constant(CLIPS)}, count)["mean"]
    return np.stack(seen, axis=1).reshape(-1, *seen[0].shape[1:]), float(mean)


@pytest.mark.parametrize("count", [1, 2, 3, 12])
def test_every_clip_has_its_turn_and_what_one_device_would_have_drawn(count):
    seen, mean = in_turns(count, lambda clips: clips)
    np.testing.assert_array_equal(seen, CLIPS)
    assert mean == pytest.approx(CLIPS.mean())
    drawn, _ = in_turns(count, lambda clips: stateless_random.normal([clips.shape[0], 5], SEED))
    np.testing.assert_allclose(drawn, tf.random.stateless_normal([12, 5], SEED), atol=1e-6)
    drawn, _ = in_turns(count, lambda clips: stateless_random.integers(tf.shape(clips), SEED, 2, 9))
    np.testing.assert_array_equal(drawn, tf.random.stateless_uniform([12, 2], SEED, 2, 9, tf.int32))


def test_equal_stretches_of_a_batch_are_dealt_alike():
    halves = tf.constant(np.concatenate([CLIPS, -CLIPS]))
    shares, _ = in_turns(3, lambda clips: tf.concat([clips, -clips], axis=0) - parts.own(halves))
    assert not shares.any()


def test_the_whole_is_known_in_the_last_turn():
    variable = tf.Variable(tf.zeros(2))
    found = []

    def step(batch):
        found.append(parts.whole([tf.reduce_mean(batch["clips"]), tf.reduce_max(batch["clips"])]))
        (again,) = parts.whole([tf.reduce_mean(batch["clips"], axis=0)])
        track_value(variable, tf.reduce_mean(batch["clips"], axis=0), 0.5)
        return {"last": tf.cast(parts.is_last(), tf.float32), "again": tf.reduce_mean(again)}

    returned = tf.function(lambda clips: parts.in_turns(step, {"clips": clips}, 4))(CLIPS)
    assert float(returned["last"]) == 0.25
    np.testing.assert_allclose(variable, CLIPS.mean(axis=0) / 2, rtol=1e-6)
    assert parts.is_last()
    found.clear()
    parts.in_turns(step, {"clips": tf.constant(CLIPS)}, 4)
    np.testing.assert_allclose(found[-1], [CLIPS.mean(), np.mean([CLIPS[i::4].max() for i in range(4)])])
    np.testing.assert_allclose(found[1], [CLIPS[[0, 4, 8, 1, 5, 9]].mean(), np.mean([17, 19])])


def test_variance_is_numpy_s():
    np.testing.assert_allclose(parts.variance(tf.constant(CLIPS), [0]), CLIPS.var(axis=0), rtol=1e-6)
    np.testing.assert_allclose(parts.variance(tf.constant(CLIPS)), CLIPS.var(), rtol=1e-6)
