import numpy as np
import pyloudnorm
import pytest
import tensorflow as tf

from pipelines.audio.loudness import LoudnessMeter
from pipelines.inference.graph_loudness import integrated_loudness
from tests.inference import tiny


@pytest.mark.parametrize(
    ("rate", "channels", "seconds"), [(22050, 1, 0.5), (44100, 2, 3.17), (22050, 2, 11.0), (8000, 1, 4.0)]
)
def test_agrees_with_pyloudnorm(rate: int, channels: int, seconds: float):
    song = tiny.song(seconds, channels, rate)
    song[len(song) // 2 :] *= 0.02  # so that the relative gate has something to leave out
    expected = pyloudnorm.Meter(rate).integrated_loudness(song.astype(np.float64))
    assert float(integrated_loudness(song, rate)) == pytest.approx(expected, abs=0.02)


def test_agrees_with_the_streaming_meter_on_what_is_shorter_than_a_block():
    song = tiny.song(0.2)
    meter = LoudnessMeter(tiny.SPEC.sample_rate, 2)
    meter.add(song)
    assert float(integrated_loudness(song, tiny.SPEC.sample_rate)) == pytest.approx(
        meter.integrated(), abs=0.02
    )


@pytest.mark.parametrize("samples", [0, 5, 40_000])
def test_silence_is_infinitely_quiet(samples: int):
    assert float(integrated_loudness(tf.zeros([samples, 2]), 22050)) == -np.inf


def test_works_for_any_length_inside_one_graph():
    graph = tf.function(
        lambda song: integrated_loudness(song, 22050), input_signature=[tf.TensorSpec([None, None])]
    )
    for seconds in (0.1, 2.0):
        song = tiny.song(seconds)
        assert float(graph(song)) == pytest.approx(float(integrated_loudness(song, 22050)), abs=1e-3)
