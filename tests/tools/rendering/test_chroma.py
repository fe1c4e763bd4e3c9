import numpy as np
import pytest

from tools.rendering import chroma
from tools.rendering.scores import Note


def _tone(pitch, seconds=3.0, rate=44100):
    wave = 0.3 * np.sin(2 * np.pi * 440 * 2 ** ((pitch - 69) / 12) * np.arange(int(seconds * rate)) / rate)
    return np.stack([wave, 0.5 * wave], axis=1).astype(np.float32)


def test_chroma_of_tones_in_any_octave():
    found = chroma.of_recording(_tone(57), 44100)
    assert set(found.argmax(axis=0)) == {9}
    assert chroma.similarity(found, chroma.of_recording(_tone(81), 44100)) > 0.9
    assert chroma.similarity(found, chroma.of_recording(_tone(61), 44100)) < 0.3


def test_chroma_of_notes():
    counted = chroma.of_notes(
        [Note(0.0, 1.0, 60, 0), Note(0.5, 1.0, 48, 3), Note(0.0, 0.5, 67, 1)], frames=80
    )
    second = 22050 / 512
    assert counted[0, round(0.25 * second)] == 1
    assert counted[0, round(0.75 * second)] == 2
    assert counted[7, round(0.25 * second)] == 1
    assert counted[7, round(0.75 * second)] == 0
    assert counted[:, round(1.6 * second) :].sum() == 0


def test_similarity_is_the_mean_cosine_of_sounding_frames():
    one = np.array([[1.0, 1.0, 0.0], [0.0, 1.0, 0.0]])
    other = np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 0.0]])
    assert chroma.similarity(one, other) == pytest.approx((1 + 1 / np.sqrt(2)) / 2)
