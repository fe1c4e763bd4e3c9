import librosa
import numpy as np
import pytest

from tools.rendering.scores import Note
from tools.rendering.synth import SAMPLE_RATE
from tools.rendering.transcription.singing import sing

NOTES = [Note(0.3, 0.8, 57, 0), Note(1.1, 0.9, 61, 0), Note(2.4, 1.0, 64, 0)]


def sung(notes=NOTES, seconds=4.0, seed=0):
    return sing(notes, seconds, np.random.default_rng(seed))


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_its_pitch_is_that_of_the_notes(seed):
    """By the median over the second half of each note; the vibrato swings around it."""
    mono = sung(seed=seed).mean(axis=1)
    found = librosa.yin(mono, fmin=100, fmax=600, sr=SAMPLE_RATE, hop_length=512)
    for note in NOTES:
        frames = slice(
            *(round(t * SAMPLE_RATE / 512) for t in (note.start + note.length / 2, note.end - 0.05))
        )
        cents = 100 * (librosa.hz_to_midi(found[frames]) - note.pitch)
        assert abs(np.median(cents)) < 30
        assert 15 < np.ptp(cents) < 200


def test_it_is_silent_where_no_note_is_and_has_one_level():
    samples = sung()
    assert (samples.shape, samples.dtype) == ((4 * SAMPLE_RATE, 2), np.float32)
    mono = samples[:, 0]

    def level(start, stop):
        return np.sqrt(np.mean(mono[round(start * SAMPLE_RATE) : round(stop * SAMPLE_RATE)] ** 2))

    assert level(0.0, 0.15) == pytest.approx(0, abs=1e-6)
    assert level(2.1, 2.3) < 0.01
    assert level(0.4, 1.9) == pytest.approx(0.1, rel=0.4)


def test_a_singer_is_a_function_of_the_seed():
    np.testing.assert_array_equal(sung(seed=3), sung(seed=3))
    assert np.abs(sung(seed=3) - sung(seed=4)).max() > 0.01


def test_of_a_chord_the_highest_note_is_sung():
    chord = [Note(0.3, 1.5, pitch, 0) for pitch in (48, 55, 60)]
    found = librosa.yin(sung(chord, 2.0).mean(axis=1), fmin=100, fmax=600, sr=SAMPLE_RATE, hop_length=512)
    assert np.median(librosa.hz_to_midi(found[60:140])) == pytest.approx(60, abs=0.3)


def test_without_notes_it_is_silent():
    assert not sung([]).any()
