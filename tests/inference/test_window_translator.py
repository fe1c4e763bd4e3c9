import numpy as np
import pytest
import tensorflow as tf

from pipelines.audio.features import log_mel
from pipelines.audio.inversion import GriffinLim
from pipelines.audio.scaling import to_db
from pipelines.inference.graph_song import translate_waveform
from pipelines.inference.window_translator import WindowTranslator
from pipelines.nn.dials import Dials
from pipelines.nn.translator import Translator
from tests.inference import tiny


def side_to_mid(samples: np.ndarray) -> float:
    """Energy of the side over that of the mid, dB."""
    left, right = samples.astype(np.float64).T
    return 10 * np.log10(np.square(left - right).mean() / np.square(left + right).mean())


def translate(window_translator: WindowTranslator, song: np.ndarray, strength: float = 1.0) -> np.ndarray:
    return translate_waveform(window_translator, tf.constant(song), Dials(tf.constant(strength))).numpy()


@pytest.mark.parametrize(("iterations", "size"), [(0, 8), (4, 24), (4, 64)])
def test_windows_leave_no_seam_in_the_waveform(translator: Translator, iterations: int, size: int):
    song = tiny.song(1.1)
    whole = translate(tiny.window_translator(translator, 10_000, iterations), song)
    np.testing.assert_allclose(
        translate(tiny.window_translator(translator, size, iterations), song), whole, atol=1e-5
    )


@pytest.mark.parametrize("samples", [0, 1, 700, 256 * 70, 256 * 70 - 1])
def test_a_translation_has_the_length_of_its_song(translator: Translator, samples: int):
    song = tiny.song(1.0)[:samples]
    result = translate(tiny.window_translator(translator), song)
    assert result.shape == song.shape
    assert np.isfinite(result).all()


def test_strength_0_keeps_the_source(translator: Translator):
    song = tiny.song(1.5)
    np.testing.assert_allclose(translate(tiny.window_translator(translator), song, 0.0), song, atol=1e-5)


def test_strength_goes_from_the_source_to_the_translation_without_a_jump(translator: Translator):
    song, window_translator = tiny.song(1.0), tiny.window_translator(translator)
    results = [translate(window_translator, song, strength) for strength in (0.0, 0.01, 0.1, 0.4, 0.7, 1.0)]
    to_source, to_full = ([np.square(each - end).mean() for each in results] for end in (song, results[-1]))
    assert np.all(np.diff(to_source) > 0)
    assert np.all(np.diff(to_full) < 0)
    assert to_source[1] < 0.01 * np.square(song).mean() < 0.5 * to_source[-1]


def test_strength_interpolates_in_decibels(translator: Translator):
    window_translator = tiny.window_translator(translator, iterations=0)
    song = tiny.song(1.0, channels=1)
    none, half, full = (
        to_db(tiny.SPEC, log_mel(tiny.SPEC, translate(window_translator, song, strength).T))
        for strength in (0.0, 0.5, 1.0)
    )
    assert np.abs(half - (none + full) / 2).mean() < 0.25 * np.abs(full - none).mean()


@pytest.mark.parametrize("iterations", [0, 4])
def test_side_against_mid_is_the_source_s(translator: Translator, iterations: int):
    song = tiny.song(3.0)
    result = translate(tiny.window_translator(translator, iterations=iterations), song)
    assert side_to_mid(result) == pytest.approx(side_to_mid(song), abs=1.0)


def test_out_of_phase_channels_stay_so(translator: Translator):
    song = tiny.song(1.0, channels=1) * np.array([1, -1], np.float32)
    result = translate(tiny.window_translator(translator), song)
    np.testing.assert_allclose(result[:, 0], -result[:, 1], atol=1e-5)
    assert np.abs(result).max() > 0.01


def test_a_hard_panned_song_stays_hard_panned(translator: Translator):
    song = tiny.song(1.0)
    song[:, 1] = 0
    left, right = np.abs(translate(tiny.window_translator(translator), song)).max(axis=0)
    assert left > 0.01
    assert right < 1e-3 * left


def test_two_equal_channels_are_the_mono_song_twice(translator: Translator):
    mono = tiny.song(1.0, channels=1)
    both = translate(tiny.window_translator(translator), np.repeat(mono, 2, axis=1))
    single = translate(tiny.window_translator(translator), mono)
    np.testing.assert_allclose(both, np.repeat(single, 2, axis=1), atol=1e-5)


def test_silence_stays_free_of_nan(translator: Translator):
    assert np.isfinite(translate(tiny.window_translator(translator), np.zeros((9000, 2), np.float32))).all()


def test_reach_counts_overlapping_frames_once_per_transform():
    assert GriffinLim(tiny.SPEC, 0).reach == 4
    assert GriffinLim(tiny.SPEC, 4).reach == 20
