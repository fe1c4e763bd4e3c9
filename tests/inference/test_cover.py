import numpy as np
import pytest
import tensorflow as tf

from pipelines.audio.features import log_mel
from pipelines.audio.inversion import GriffinLim
from pipelines.audio.scaling import to_db
from pipelines.inference.cover import CoverMaker
from pipelines.inference.savedmodel import cover_song
from pipelines.nn.translator import Translator
from tests.inference import tiny


def cover(maker: CoverMaker, song: np.ndarray, strength: float = 1.0) -> np.ndarray:
    return cover_song(maker, tf.constant(song), tf.constant(strength)).numpy()


@pytest.mark.parametrize(("iterations", "size"), [(0, 8), (4, 24), (4, 64)])
def test_windows_leave_no_seam_in_the_waveform(translator: Translator, iterations: int, size: int):
    song = tiny.song(1.1)
    whole = cover(tiny.maker(translator, 10_000, iterations), song)
    np.testing.assert_allclose(cover(tiny.maker(translator, size, iterations), song), whole, atol=1e-5)


@pytest.mark.parametrize("samples", [0, 1, 700, 256 * 70, 256 * 70 - 1])
def test_a_cover_is_as_long_as_its_song(translator: Translator, samples: int):
    song = tiny.song(1.0)[:samples]
    result = cover(tiny.maker(translator), song)
    assert result.shape == song.shape
    assert np.isfinite(result).all()


def test_strength_0_keeps_the_source(translator: Translator):
    song = tiny.song(1.5, channels=1)
    before = log_mel(tiny.SPEC, song.T)
    after = log_mel(tiny.SPEC, cover(tiny.maker(translator), song, 0.0).T)
    assert np.abs(to_db(tiny.SPEC, after) - to_db(tiny.SPEC, before)).mean() < 0.1


def test_strength_interpolates_in_the_log_mel(translator: Translator):
    maker, source = tiny.maker(translator), log_mel(tiny.SPEC, tiny.song(0.5, channels=1).T)
    none, half, full = (maker.blend(source, strength).numpy() for strength in (0.0, 0.5, 1.0))
    np.testing.assert_allclose(none, source, atol=1e-6)
    np.testing.assert_allclose(half, (none + full) / 2, atol=1e-6)
    assert np.abs(full - none).mean() > 0.01


def test_a_hard_panned_song_stays_hard_panned(translator: Translator):
    song = tiny.song(1.0)
    song[:, 1] = 0
    left, right = np.abs(cover(tiny.maker(translator), song)).max(axis=0)
    assert left > 0.01
    assert right < 1e-3 * left


def test_two_equal_channels_are_the_mono_song_twice(translator: Translator):
    mono = tiny.song(1.0, channels=1)
    both = cover(tiny.maker(translator), np.repeat(mono, 2, axis=1))
    single = cover(tiny.maker(translator), mono)
    np.testing.assert_allclose(both, np.repeat(single, 2, axis=1), atol=1e-5)


def test_silence_stays_free_of_nan(translator: Translator):
    assert np.isfinite(cover(tiny.maker(translator), np.zeros((9000, 2), np.float32))).all()


def test_reach_counts_overlapping_frames_once_per_transform():
    assert GriffinLim(tiny.SPEC, 0).reach == 4
    assert GriffinLim(tiny.SPEC, 4).reach == 20
