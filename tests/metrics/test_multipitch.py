import librosa
import mir_eval
import numpy as np
import pytest

from pipelines.metrics import multipitch
from pipelines.metrics.multipitch import (
    Pitches,
    estimate,
    multipitch_scores,
    pitch_jaccard_distance,
    scores_of_pitches,
    sounding,
)
from tests.metrics.sounds import synthesise

RATE = 22050


def chords(*pitches: tuple[int, ...], seconds: float = 1.0) -> np.ndarray:
    return np.array(
        [
            (0.2 + seconds * index, 0.2 + seconds * (index + 0.9), pitch)
            for index, chord in enumerate(pitches)
            for pitch in chord
        ],
        float,
    )


CADENCE = chords((48, 64, 67, 72), (53, 60, 69, 72), (43, 62, 67, 71), (48, 60, 67, 76))


def pitches(*frames: tuple[float, ...]) -> Pitches:
    return Pitches(0.1 * np.arange(len(frames)), [np.array(frame, float) for frame in frames])


@pytest.mark.parametrize("partials", [3, 6, 12])
def test_the_notes_of_four_part_chords_are_found(partials):
    scores = multipitch_scores(CADENCE, synthesise(CADENCE, RATE, partials), RATE)
    assert scores.accuracy > 0.65
    assert scores.precision > 0.8


@pytest.mark.parametrize("pitch", [36, 45, 57, 69, 81, 93])
def test_a_single_note_is_found_alone_or_with_its_octave(pitch):
    notes = np.array([[0.5, 2.5, pitch]])
    found = estimate(synthesise(notes, RATE), RATE)
    middle = (found.times > 1.0) & (found.times < 2.0)
    inside = [set(frame) for frame, chosen in zip(found.midi, middle, strict=True) if chosen]
    assert all(pitch in frame and frame <= {pitch, pitch + 12} for frame in inside)


def test_neither_level_nor_rate_matters():
    found = estimate(synthesise(CADENCE, 2 * RATE), 2 * RATE)
    assert pitch_jaccard_distance(found, estimate(0.01 * synthesise(CADENCE, 2 * RATE), 2 * RATE)) == 0
    assert pitch_jaccard_distance(found, estimate(synthesise(CADENCE, RATE), RATE)) < 0.1


def test_every_wrong_chord_costs():
    moved, found = CADENCE.copy(), []
    sound = estimate(synthesise(CADENCE, RATE), RATE)
    for chord in range(4):
        moved[4 * chord : 4 * chord + 4, 2] += 1
        found.append(scores_of_pitches(moved, sound).accuracy)
    assert np.all(np.diff([scores_of_pitches(CADENCE, sound).accuracy, *found]) < -0.05)
    assert found[-1] < 0.15


@pytest.mark.parametrize("samples", [0, 100, RATE])
def test_silence_and_scraps(samples):
    silence = np.zeros(samples, np.float32)
    found = estimate(silence, RATE)
    assert len(found.times) == len(found.midi) == 1 + samples // multipitch.HOP_LENGTH
    assert not any(map(len, found.midi))
    assert multipitch_scores(CADENCE, silence, RATE) == (0, 0, 0)
    assert pitch_jaccard_distance(found, found) == 0
    # The cadence starts at 0.2 s: only the longest silence lasts until then.
    assert pitch_jaccard_distance(found, estimate(synthesise(CADENCE, RATE), RATE)) == float(samples == RATE)


def test_a_score_without_notes_has_no_hits():
    assert multipitch_scores(np.zeros((0, 3)), synthesise(CADENCE, RATE), RATE) == (0, 0, 0)


def test_what_of_a_score_sounds_when():
    notes = np.array([[0.0, 0.5, 60], [0.2, 0.4, 64], [0.3, 0.6, 60]])
    found = sounding(notes, np.array([0.0, 0.2, 0.35, 0.4, 0.5, 0.6]))
    assert [list(frame) for frame in found.midi] == [[60], [60, 64], [60, 64], [60], [60], []]


def test_scores_by_hand():
    notes = np.array([[0.0, 0.2, 60], [0.0, 0.2, 64], [0.2, 0.3, 67]])
    found = pitches((60,), (60, 64, 65), (), (50,))
    # Hits 1 + 2, misses 1 + 1 (in the frames at 0 and 0.2 s), false alarms 1 + 1.
    assert scores_of_pitches(notes, found) == pytest.approx((3 / 7, 3 / 5, 3 / 5))


def test_scores_are_mir_evals():
    found = estimate(synthesise(CADENCE, RATE, 4), RATE)
    wrong = CADENCE + [0.1, 0.1, 0] + np.arange(len(CADENCE))[:, None] % 3 * [0, 0, 1]
    reference = sounding(wrong, found.times)
    hertz = [[librosa.midi_to_hz(frame) for frame in each.midi] for each in (reference, found)]
    wanted = mir_eval.multipitch.evaluate(found.times, hertz[0], found.times, hertz[1])
    scores = scores_of_pitches(wrong, found)
    assert scores.accuracy == pytest.approx(wanted["Accuracy"])
    assert scores.precision == pytest.approx(wanted["Precision"])
    assert scores.recall == pytest.approx(wanted["Recall"])


def test_jaccard_distance_is_symmetric_and_cuts_the_longer():
    one, other = pitches((60, 64), (60,), ()), pitches((60, 67), (60,), (), (55,), (56,))
    assert pitch_jaccard_distance(one, other) == pytest.approx(1 - 2 / 4)
    assert pitch_jaccard_distance(other, one) == pytest.approx(1 - 2 / 4)
    assert pitch_jaccard_distance(one, one) == 0
    assert pitch_jaccard_distance(one, pitches((61,), (62,))) == 1
