import numpy as np
import pytest

from pipelines.metrics.self_similarity import (
    beat_features,
    beat_times,
    form_correlation,
    self_similarity,
)

RATE = 22050
FRAME_RATE = RATE / 512
BEATS = np.arange(0, 64.01, 0.5)


def chroma(phrases: str) -> np.ndarray:
    """A pitch class every 0.5 s, of a melody of 8 s for every letter."""
    classes = np.concatenate([np.random.default_rng(ord(letter)).integers(12, size=16) for letter in phrases])
    return np.eye(12)[:, classes[np.arange(int(64 * FRAME_RATE)) * 2 // round(FRAME_RATE) % len(classes)]]


def log_mel(sections: str, seed: int = 0) -> np.ndarray:
    """A spectral envelope for every letter, of 8 s each, and noise, dB."""
    random = np.random.default_rng(seed)
    envelopes = {letter: 10 * random.standard_normal(40) for letter in "ABCD"}
    frames = np.stack(
        [envelopes[sections[int(i / FRAME_RATE / 8)]] for i in range(int(64 * FRAME_RATE))], axis=1
    )
    return frames + 3 * random.standard_normal(frames.shape)


def matrix(harmony: np.ndarray, spectra: np.ndarray, beats: np.ndarray = BEATS) -> np.ndarray:
    return self_similarity(*beat_features(harmony, spectra, FRAME_RATE, beats))


def test_the_same_song_in_another_timbre_has_its_form_and_another_song_has_not():
    source = matrix(chroma("ABACABAD"), log_mel("ABACABAD"))
    same = matrix(chroma("ABACABAD"), 0.5 * log_mel("ABACABAD", seed=1) - 30)
    other = matrix(chroma("XYXZZZYX"), log_mel("AABBCCDD"))
    assert form_correlation(source, source) == pytest.approx(1)
    assert form_correlation(source, same) > 0.8
    assert abs(form_correlation(source, other)) < 0.2


@pytest.mark.parametrize("harmony", ["AAAAAAAA", "ABCDEFGH"])
def test_texture_counts_where_the_harmony_tells_no_sections_apart(harmony):
    alternating = matrix(chroma(harmony), log_mel("ABABABAB"))
    again = matrix(chroma(harmony), log_mel("CDCDCDCD", seed=1))
    halves = matrix(chroma(harmony), log_mel("AAAABBBB"))
    assert form_correlation(alternating, again) > form_correlation(alternating, halves) + 0.3


def test_harmony_counts_where_the_texture_never_changes():
    source = matrix(chroma("ABABCCAB"), log_mel("AAAAAAAA"))
    same = matrix(chroma("ABABCCAB"), log_mel("AAAAAAAA", seed=1))
    other = matrix(chroma("XXYYZXZY"), log_mel("AAAAAAAA", seed=1))
    assert form_correlation(source, same) > 0.5
    assert abs(form_correlation(source, other)) < 0.2


def test_cosines_are_those_of_a_loop():
    random = np.random.default_rng(1)
    harmony, texture = random.standard_normal((9, 3)), random.standard_normal((9, 2))
    found = self_similarity(harmony, texture)
    assert found.shape == (6, 6)
    for i in range(6):
        for j in range(6):
            pairs = [(rows[i : i + 4].ravel(), rows[j : j + 4].ravel()) for rows in (harmony, texture)]
            wanted = np.mean([a @ b / np.linalg.norm(a) / np.linalg.norm(b) for a, b in pairs])
            assert found[i, j] == pytest.approx(wanted)


def test_correlation_is_numpys_over_diagonals_without_their_means():
    random = np.random.default_rng(2)
    one, other = random.standard_normal((2, 12, 12))
    values = [
        np.concatenate([np.diagonal(m, lag) - np.diagonal(m, lag).mean() for lag in range(4, 12)])
        for m in (one, other)
    ]
    assert form_correlation(one, other) == pytest.approx(np.corrcoef(*values)[0, 1])
    lags = np.abs(np.subtract.outer(np.arange(12), np.arange(12)))
    assert form_correlation(one - 9 * lags, other - 5 * lags) == pytest.approx(form_correlation(one, other))


def test_features_are_means_between_beats_relative_to_the_song():
    frames = np.arange(40, dtype=float)
    chroma_frames = np.stack([frames] * 12)
    spectra = np.random.default_rng(3).standard_normal((20, 40)) * 10
    beats = np.array([0, 10, 20, 40]) / FRAME_RATE
    harmony, texture = beat_features(chroma_frames, spectra, FRAME_RATE, beats)
    means = np.array([4.5, 14.5, frames[20:39].mean()])  # the last frame ends the last interval
    np.testing.assert_allclose(harmony[:, 0], means - means.mean())
    np.testing.assert_allclose(texture.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(texture.std(axis=0), 1)


def test_beats_are_found_and_a_recording_without_any_has_a_grid():
    clicks = np.zeros(20 * RATE, np.float32)
    clicks[:: RATE * 6 // 10] = 1  # every 0.6 s
    found = np.diff(beat_times(clicks, RATE))
    assert np.median(found) == pytest.approx(0.6, abs=0.03)
    np.testing.assert_allclose(beat_times(np.zeros(5 * RATE, np.float32), RATE), np.arange(0, 5, 0.5))
    assert len(beat_times(np.zeros(0, np.float32), RATE)) == 0


def test_silence_and_short_recordings_have_no_form():
    source = matrix(chroma("ABACABAD"), log_mel("ABACABAD"))
    silent = matrix(np.zeros((12, 2756)), np.full((40, 2756), -100.0))
    assert np.isnan(form_correlation(silent, source))
    for beats in (BEATS[:0], BEATS[:1], BEATS[:4], BEATS[:6]):
        short = matrix(chroma("AB"), log_mel("ABACABAD"), beats)
        assert np.isnan(form_correlation(short, short))
    empty = matrix(np.zeros((12, 0)), np.zeros((40, 0)))
    assert np.isnan(form_correlation(empty, empty))
