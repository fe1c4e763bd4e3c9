import numpy as np
import tensorflow as tf

from pipelines.audio.scaling import scale, to_db, unscale
from pipelines.audio.spec import AudioSpec

SPEC = AudioSpec()


def test_floor_and_ceiling():
    values = scale(
        tf.math, SPEC, tf.constant([0.0, SPEC.floor / 10, SPEC.floor, SPEC.ceiling, 10 * SPEC.ceiling])
    )
    np.testing.assert_allclose(values, [-1, -1, -1, 1, 1 + 2 * 20 / SPEC.range_db], atol=1e-6)
    assert values.numpy().min() >= -1


def test_equals_decibels_mapped_linearly():
    mel = np.geomspace(1e-5, 100, 500).astype(np.float32)
    db = 20 * np.log10(np.maximum(mel, SPEC.floor))
    expected = (db + 80) / (20 * np.log10(SPEC.ceiling) + 80) * 2 - 1
    np.testing.assert_allclose(scale(tf.math, SPEC, mel), expected, atol=1e-5)
    np.testing.assert_allclose(to_db(SPEC, scale(tf.math, SPEC, mel)), db, atol=1e-4)


def test_round_trip():
    mel = np.geomspace(SPEC.floor, SPEC.ceiling, 1000).astype(np.float32)
    np.testing.assert_allclose(unscale(tf.math, SPEC, scale(tf.math, SPEC, mel)), mel, rtol=1e-5)
    values = np.linspace(-1, 1.2, 1000, dtype=np.float32)
    np.testing.assert_allclose(scale(tf.math, SPEC, unscale(tf.math, SPEC, values)), values, atol=1e-6)


def test_decibels_of_numpy_stay_numpy():
    assert isinstance(to_db(SPEC, np.zeros(3, np.float32)), np.ndarray)
