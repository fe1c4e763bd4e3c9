import librosa
import numpy as np
import pytest

from pipelines.errors import UserError
from pipelines.metrics.embedding import WEIGHTS, TimbreEmbedding, mfcc_windows, timbre_distance
from pipelines.metrics.waveforms import resampled, unit_rms
from tests.metrics.timbres import BRIGHT, DULL, OTHER_TUNE, RATE, TUNE, melody, noise


@pytest.fixture(scope="module")
def timbre() -> TimbreEmbedding:
    return TimbreEmbedding.load()


def test_rows_have_length_one_and_a_window_starts_every_second(timbre):
    points = timbre.embed(noise(5.1), RATE)
    assert points.shape == (4, 64)
    np.testing.assert_allclose(np.linalg.norm(points, axis=1), 1, rtol=1e-5)


def test_a_short_recording_has_one_window(timbre):
    assert timbre.embed(noise(0.3), RATE).shape == (1, 64)


def test_silence_has_no_timbre(timbre):
    assert timbre.embed(np.zeros(3 * RATE), RATE).shape == (0, 64)
    assert timbre.embed(np.zeros(0), RATE).shape == (0, 64)
    assert len(timbre.embed(np.concatenate([noise(3), np.zeros(5 * RATE)]), RATE)) < 5


def test_the_level_is_ignored(timbre):
    sound = melody(TUNE, BRIGHT)
    np.testing.assert_allclose(timbre.embed(0.001 * sound, RATE), timbre.embed(sound, RATE), atol=1e-3)


def test_the_network_reads_librosa_s_mfcc_without_the_first():
    sound = unit_rms(resampled(noise(2), RATE, 16000))
    expected = librosa.feature.mfcc(y=sound, sr=16000, n_mfcc=13)[1:, :62].T
    np.testing.assert_allclose(mfcc_windows(sound, 16000)[0], expected, atol=1e-3)


def test_forward_by_hand():
    """One window, kernels of one tap: every layer is a matrix."""
    random = np.random.default_rng(0)
    kernels = tuple(random.standard_normal((1, inputs, 64)) for inputs in (12, 64, 64, 64))
    biases = tuple(random.standard_normal((4, 64)))
    projection = random.standard_normal((64, 64))
    network = TimbreEmbedding(np.full(12, 2.0), np.full(12, 4.0), kernels, biases, projection)
    frames = random.standard_normal((7, 12))
    hidden = (frames - 2) / 4
    for kernel, bias in zip(kernels, biases, strict=True):
        hidden = np.maximum(hidden @ kernel[0] + bias, 0)
    expected = hidden.mean(axis=0) @ projection
    np.testing.assert_allclose(network.forward(frames[None])[0], expected / np.linalg.norm(expected))


def test_another_timbre_is_farther_than_other_notes(timbre):
    here, other_notes, other_timbre = (
        timbre.embed(melody(*notes), RATE) for notes in ((TUNE, BRIGHT), (OTHER_TUNE, BRIGHT), (TUNE, DULL))
    )
    assert timbre_distance(here, other_notes) < 0.5 * timbre_distance(here, other_timbre)


def test_timbre_distance_is_one_less_the_cosine_of_the_means():
    right, up = np.eye(64, dtype=np.float32)[:2]
    assert timbre_distance(np.array([right]), np.array([right, right])) == pytest.approx(0)
    assert timbre_distance(np.array([right]), np.array([up])) == pytest.approx(1)
    assert timbre_distance(np.array([right]), np.array([right, up])) == pytest.approx(1 - 0.5**0.5)
    assert timbre_distance(np.array([right]), np.array([-right])) == pytest.approx(2)
    assert np.isnan(timbre_distance(np.array([right]), np.zeros((0, 64), np.float32)))


def test_saved_weights_are_the_same(timbre, tmp_path):
    timbre.save(tmp_path / "copy.npz")
    windows = mfcc_windows(noise(3), RATE)
    copy = TimbreEmbedding.load(tmp_path / "copy.npz")
    np.testing.assert_array_equal(copy.forward(windows), timbre.forward(windows))


def test_the_shipped_weights_are_small():
    assert WEIGHTS.stat().st_size < 500_000


@pytest.mark.parametrize("content", [None, b"no zip", b""])
def test_a_file_without_weights_is_an_error(tmp_path, content):
    path = tmp_path / "weights.npz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserError, match=r"weights.npz holds no timbre embedding: train one"):
        TimbreEmbedding.load(path)


def test_an_archive_without_weights_is_an_error(tmp_path):
    np.savez(tmp_path / "other.npz", data=np.zeros(3))
    with pytest.raises(UserError, match="holds no timbre embedding"):
        TimbreEmbedding.load(tmp_path / "other.npz")
