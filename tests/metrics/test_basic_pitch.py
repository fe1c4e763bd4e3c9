import importlib
import shutil

import mir_eval
import numpy as np
import pytest
from scipy import ndimage

from pipelines.errors import UserError
from pipelines.metrics import basic_pitch, published_weights
from pipelines.metrics.basic_pitch import FRAME_RATE, Posteriors, note_f1, notes, posteriors
from tests.metrics.sounds import synthesise

RATE = 22050
USERS_WEIGHTS = published_weights.folder(published_weights.BASIC_PITCH) / "nmp.onnx"
"""In the user's cache, of which this is the path until the tests begin to use one of their own."""
SCORE = np.array(
    [[0.2, 0.7, 60], [0.2, 0.7, 67], [0.8, 1.3, 64], [1.4, 2.4, 55], [2.5, 3.0, 72], [3.2, 4.2, 60]]
)


def sampler(windows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Stands for the network: every frame holds the sample at its middle, negated for onsets."""
    assert windows.dtype == np.float32
    assert windows.flags.c_contiguous
    frames = np.repeat(windows[:, ::256], 88, axis=2)
    assert frames.shape[1:] == (172, 88)
    return frames, -frames


@pytest.mark.parametrize("seconds", [0.01, 1.6, 1.7, 5, 40])
def test_the_frames_of_all_windows_are_on_one_grid(seconds):
    waveform = np.random.default_rng(0).standard_normal(round(seconds * RATE)).astype(np.float32)
    found = posteriors(sampler, waveform, RATE)
    expected = 0.1 * waveform / np.sqrt(np.mean(waveform.astype(float) ** 2))
    np.testing.assert_allclose(found.note[:, 5], expected[::256], rtol=1e-4)
    np.testing.assert_array_equal(found.onset, -found.note)


def test_other_rates_and_levels_are_the_same():
    time = np.arange(3 * RATE) / RATE
    slow = np.sin(2 * np.pi * 3 * time).astype(np.float32)
    fast = np.sin(2 * np.pi * 3 * np.arange(6 * RATE) / (2 * RATE)).astype(np.float32)
    one, other = posteriors(sampler, slow, RATE).note, posteriors(sampler, 0.01 * fast, 2 * RATE).note
    np.testing.assert_allclose(one[20:-20], other[20:-20], atol=1e-3)


def notes_by_a_loop(note: np.ndarray, onset: np.ndarray) -> list[tuple[float, float, int]]:
    found = []
    for pitch in range(88):
        for start in range(len(note)):
            neighbours = [onset[i, pitch] if 0 <= i < len(note) else 0 for i in (start - 1, start + 1)]
            value = onset[start, pitch]
            if value < 0.5 or value <= neighbours[0] or value < neighbours[1]:
                continue
            end = start + 1
            while end < len(note):
                peak = onset[end, pitch] >= 0.5 and onset[end, pitch] > onset[end - 1, pitch]
                if peak and (end + 1 == len(note) or onset[end, pitch] >= onset[end + 1, pitch]):
                    break
                if not (note[end : end + 11, pitch] >= 0.3).any():
                    break
                end += 1
            if end - start >= 11:
                found.append((start / FRAME_RATE, end / FRAME_RATE, 21 + pitch))
    return sorted(found, key=lambda row: (row[0], row[2]))


@pytest.mark.parametrize("seed", [0, 1])
def test_notes_are_those_of_a_loop(seed):
    random = np.random.default_rng(seed)
    note = ndimage.gaussian_filter1d(random.standard_normal((200, 88)), 6, axis=0) * 2 + 0.2
    onset = ndimage.gaussian_filter1d(random.standard_normal((200, 88)), 2, axis=0) * 2
    expected = notes_by_a_loop(note, onset)
    assert len(expected) > 100
    np.testing.assert_allclose(notes(Posteriors(note, onset)), expected)


def test_posteriors_without_notes():
    silence = posteriors(sampler, np.zeros(RATE, np.float32), RATE)
    assert notes(silence).shape == (0, 3)
    assert notes(posteriors(sampler, np.zeros(0, np.float32), RATE)).shape == (0, 3)


def test_f1_needs_onset_and_pitch_and_no_length():
    assert note_f1(SCORE, SCORE) == 1
    assert note_f1(SCORE, SCORE * [1, 1.5, 1] + np.array([0.04, 0, 0])) == 1
    assert note_f1(SCORE, SCORE + np.array([0.06, 0.06, 0])) == 0
    assert note_f1(SCORE, SCORE + np.array([0, 0, 1])) == 0
    assert note_f1(SCORE, SCORE[:3]) == pytest.approx(2 * 1 * 0.5 / 1.5)
    assert note_f1(SCORE, SCORE[:0]) == note_f1(SCORE[:0], SCORE) == 0
    other = SCORE + np.random.default_rng(0).uniform(-0.08, 0.08, (6, 1)) * [1, 1, 0]
    onsets = mir_eval.onset.f_measure(np.unique(SCORE[2:, 0]), np.sort(other[2:, 0]), window=0.05)[0]
    assert note_f1(SCORE[2:], other[2:]) == pytest.approx(onsets)


def test_without_onnxruntime_it_says_what_to_install(monkeypatch):
    def missing(name):
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(UserError, match=r'pip install "coverband\[judges\]"'):
        basic_pitch.load()


def test_the_network_finds_the_notes_of_a_score():
    """Needs the extra and its weights; both are optional."""
    pytest.importorskip("onnxruntime", reason="onnxruntime, the extra 'judges', is not installed")
    if not USERS_WEIGHTS.is_file():
        pytest.skip("basic-pitch's weights are not in the user's cache")
    folder = published_weights.folder(published_weights.BASIC_PITCH)
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(USERS_WEIGHTS, folder)
    found = notes(posteriors(basic_pitch.load(), synthesise(SCORE, 44100), 44100))
    assert note_f1(SCORE, found) > 0.7
    assert mir_eval.onset.f_measure(np.unique(SCORE[:, 0]), np.unique(found[:, 0]), window=0.05)[2] == 1
