import librosa
import numpy as np
import pytest

from pipelines.audio.spec import AudioSpec
from transcriber.beats import beats_of
from transcriber.piano_roll import Roll, from_notes

SPEC = AudioSpec()


def _roll(times, drums=()):
    notes = np.stack([times, np.add(times, 0.2), np.full(len(times), 60.0)], axis=1)
    strokes = np.array([[time, time + 0.1, 36.0] for time in drums]).reshape(-1, 3)
    return from_notes(SPEC, notes, strokes, SPEC.frames(20 * SPEC.sample_rate))


@pytest.mark.parametrize("tempo", [90, 120, 150])
@pytest.mark.parametrize("by_drums", [False, True])
def test_beats_lie_on_the_onsets(tempo, by_drums):
    times = 0.3 + 60 / tempo * np.arange(int(19 * tempo / 60))
    beats = beats_of(SPEC, _roll(times[:1], times) if by_drums else _roll(times))
    distance = np.abs(beats[:, None] - times).min(axis=1)
    assert len(beats) > 0.8 * len(times)
    assert np.median(distance) < 0.03
    assert np.median(np.diff(beats)) == pytest.approx(60 / tempo, rel=0.05)


def test_beats_follow_a_tempo_that_drifts():
    times = np.cumsum(np.linspace(0.5, 0.58, 34))
    beats = beats_of(SPEC, _roll(times))
    assert np.median(np.abs(beats[:, None] - times).min(axis=1)) < 0.04
    assert len(beats) > 28


def test_silence_and_two_notes_have_no_beats():
    silence = Roll(*(np.zeros((100, width), np.float16) for width in (88, 88, 3)))
    assert beats_of(SPEC, silence).shape == (0,)
    assert len(beats_of(SPEC, Roll(*(part[:60] for part in _roll([0.1, 0.3]))))) == 0


@pytest.mark.parametrize("tempo", [75, 110, 160])
def test_beats_are_those_of_librosa(tempo):
    rng = np.random.default_rng(0)
    times = np.cumsum(rng.normal(60 / tempo, 0.01, 18 * tempo // 60))
    roll = _roll(times)
    roll.onset[:] = 0.9 * roll.onset + rng.uniform(0, 0.02, roll.onset.shape)
    strength = roll.onset.sum(axis=1)
    how = {"onset_envelope": strength, "sr": SPEC.sample_rate, "hop_length": SPEC.hop_length}
    bpm = librosa.feature.tempo(
        tg=librosa.feature.tempogram(**how), sr=SPEC.sample_rate, hop_length=SPEC.hop_length
    )
    expected = librosa.beat.beat_track(**how, bpm=bpm, units="time")[1]
    np.testing.assert_allclose(beats_of(SPEC, roll), expected, atol=1e-6)
