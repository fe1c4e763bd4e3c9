import numpy as np
import pytest
import soxr
import tensorflow as tf

from pipelines.audio import resampling

RATES = [(44100, 44100), (48000, 44100), (22050, 44100), (44100, 16000), (96000, 44100)]


def _recording(rate):
    """A second and a half of noise without what either rate cannot hold well."""
    noise = np.random.default_rng(0).normal(size=round(1.5 * 8000))
    return soxr.resample(noise, 8000, rate).astype(np.float32)


def _read(recording):
    def read(first, last):
        inside = tf.constant(recording)[tf.maximum(first, 0) : tf.maximum(last, 0)]
        before = tf.maximum(tf.minimum(last, 0) - first, 0)
        return tf.pad(inside, [[before, last - first - before - tf.size(inside, tf.int64)]])

    return read


def _stretch(recording, rate, wanted, start, count):
    return resampling.stretch(_read(recording), rate, wanted, tf.constant(start, tf.int64), count)


@pytest.mark.parametrize(("rate", "wanted"), RATES)
def test_a_stretch_is_soxr_s_of_the_whole(rate, wanted):
    recording = _recording(rate)
    whole = soxr.resample(recording, rate, wanted)
    for start, count in ((0, 2000), (4321, 3000), (len(whole) - 1000, 1000)):
        found = _stretch(recording, rate, wanted, start, count)
        np.testing.assert_allclose(found, whole[start : start + count], atol=2e-3 * np.abs(whole).max())


@pytest.mark.parametrize(("rate", "wanted"), RATES[1:3])
def test_stretches_join_and_a_graph_gives_the_same(rate, wanted):
    recording = _recording(rate)
    whole = _stretch(recording, rate, wanted, 0, 6000)
    joined = tf.concat([_stretch(recording, rate, wanted, at, 1500) for at in range(0, 6000, 1500)], 0)
    np.testing.assert_allclose(joined, whole, atol=1e-5)
    starts = tf.data.Dataset.from_tensor_slices([0, 1500, 3000, 4500])
    mapped = starts.map(
        lambda at: resampling.stretch(_read(recording), rate, wanted, tf.cast(at, tf.int64), 1500)
    )
    np.testing.assert_allclose(tf.concat(list(mapped), 0), whole, atol=1e-5)


def test_what_the_wanted_rate_cannot_hold_is_gone():
    time = np.arange(30000) / 44100
    found = _stretch(np.sin(2 * np.pi * 9000 * time).astype(np.float32), 44100, 16000, 2000, 4000)
    assert np.abs(found).max() < 1e-4


def test_odd_rates_are_told_apart():
    assert all(resampling.is_possible(rate, 44100) for rate in (8000, 11025, 16000, 32000, 48000, 192000))
    assert not resampling.is_possible(44056, 44100)
