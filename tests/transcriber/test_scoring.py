import mir_eval
import numpy as np
import pytest

from tests.transcriber.scenes import NOTHING, SPEC, score
from transcriber.piano_roll import Roll, from_notes
from transcriber.scoring import drum_f1, frame_f1, note_f1, octaves, scores

NOTES = np.array([[0.4, 0.8, 60.0], [0.8, 1.2, 64.0], [1.2, 1.6, 67.0], [1.6, 2.4, 72.0]])
DRUMS = np.array([[0.4, 0.5, 36.0], [0.8, 0.9, 38.0], [1.2, 1.3, 36.0]])


def cells(*places):
    found = np.zeros((20, 88), np.float32)
    found[tuple(np.transpose(places))] = 1.0
    return found


def moved(start=0.0, end=0.0, pitch=0.0):
    return NOTES + np.array([start, end, pitch])


def test_frames_are_counted_over_all_of_them():
    one, other = cells((0, 3), (1, 3), (2, 40)), cells((1, 3), (2, 40), (2, 41), (7, 0))
    # Two of three and four.
    assert frame_f1(one, other) == pytest.approx(2 * 2 / 7)
    assert frame_f1(other, one) == frame_f1(one, other)
    assert frame_f1(one, 0.5 * other) == frame_f1(one, other)
    assert frame_f1(one, 0.3 * other) == 0.0


def test_frames_are_scored_as_by_mir_eval():
    chance = np.random.default_rng(0)
    one, other = (chance.random((50, 88)) < 0.1 for _ in range(2))
    other |= one & (chance.random((50, 88)) < 0.5)
    times = np.arange(50) / 10
    one_hertz, other_hertz = (
        [440 * 2 ** ((np.flatnonzero(row) + 21 - 69) / 12) for row in roll] for roll in (one, other)
    )
    precision, recall = mir_eval.multipitch.metrics(times, one_hertz, times, other_hertz)[:2]
    assert frame_f1(one.astype(float), other.astype(float)) == pytest.approx(
        2 * precision * recall / (precision + recall)
    )


@pytest.mark.parametrize(("one", "other", "expected"), [(1, 1, 1.0), (1, 0, 0.0), (0, 1, 0.0), (0, 0, 1.0)])
def test_all_is_1_and_nothing_is_0_and_nothing_of_nothing_is_1(one, other, expected):
    frames = cells((3, 3))
    assert frame_f1(one * frames, other * frames) == expected
    for ends in (None, 0.2):
        assert note_f1(NOTES[: 4 * one], NOTES[: 4 * other], ends) == expected
    strokes = np.array([[0.4, 0], [0.8, 1], [1.2, 0]])
    assert drum_f1(DRUMS[: 3 * one], strokes[: 3 * other]) == expected


def test_octaves_are_named_as_pitches_are_and_counted_over_all_recordings():
    middle_c, b3, a0 = 60 - 21, 59 - 21, 0
    truths = [cells((0, middle_c), (1, middle_c), (1, b3)), cells((0, middle_c))]
    founds = [cells((0, middle_c), (1, a0)), cells((3, middle_c), (4, b3))]
    assert octaves(list(zip(truths, founds, strict=True))) == {0: 0.0, 3: 0.0, 4: pytest.approx(2 / 5)}
    assert octaves([(truths[0], truths[0])]) == {3: 1.0, 4: 1.0}


def test_the_longer_recording_is_cut():
    assert frame_f1(cells((3, 3)), np.concatenate([cells((3, 3)), cells((0, 0))])) == 1.0


@pytest.mark.parametrize(
    ("found", "onset", "note"),
    [
        (moved(start=0.04), 1.0, 1.0),
        (moved(start=0.06), 0.0, 0.0),
        (moved(pitch=1.0), 0.0, 0.0),
        (moved(end=0.07), 1.0, 1.0),
        (moved(end=0.12), 1.0, 0.25),  # A fifth of 0.4 s is less, of 0.8 s more.
        (NOTES[:2], 2 * 2 / 6, 2 * 2 / 6),
        (np.concatenate([NOTES[:2], moved(pitch=30.0)[:1]]), 2 * 2 / 7, 2 * 2 / 7),
    ],
)
def test_onsets_and_notes_are_counted_as_by_hand(found, onset, note):
    assert note_f1(NOTES, found) == pytest.approx(onset)
    assert note_f1(NOTES, found, 0.2) == pytest.approx(note)


def test_notes_are_scored_as_by_mir_eval():
    chance = np.random.default_rng(1)
    found = NOTES + chance.normal(size=NOTES.shape) * [0.04, 0.1, 0.0]
    hertz = 440 * 2 ** ((NOTES[:, 2] - 69) / 12)
    theirs = mir_eval.transcription.evaluate(NOTES[:, :2], hertz, found[:, :2], hertz)
    assert note_f1(NOTES, found) == pytest.approx(theirs["F-measure_no_offset"])
    assert note_f1(NOTES, found, 0.2) == pytest.approx(theirs["F-measure"])
    assert 0 < theirs["F-measure"] < 1


@pytest.mark.parametrize("strange", [[0.4, 0.8, 20.0], [0.4, 0.8, 109.0], [0.4, 0.4, 60.0]])
def test_what_no_piano_has_and_what_has_no_length_does_not_count(strange):
    assert note_f1(np.concatenate([NOTES[1:], [strange]]), NOTES[1:]) == 1.0
    assert note_f1(np.array([strange]), NOTHING) == 1.0


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([[0.43, 0], [0.82, 1], [1.2, 0]], 1.0),
        ([[0.4, 0], [1.2, 0]], 1 / 2),  # The snare is missed.
        ([[0.4, 0], [0.8, 2], [1.2, 0]], 1 / 3),  # Transcribed as a cymbal, of which there is none.
        ([[0.4, 0], [0.8, 1]], (2 * 1 / 3 + 1) / 2),  # One of two kicks.
        ([[0.5, 0], [0.9, 1], [1.3, 0]], 0.0),
    ],
)
def test_strokes_are_counted_by_class(found, expected):
    assert drum_f1(DRUMS, np.array(found)) == pytest.approx(expected)


def test_two_drums_of_a_class_at_once_are_one_stroke():
    assert drum_f1(np.array([[0.4, 0.5, 38.0], [0.4, 0.5, 45.0]]), np.array([[0.4, 1.0]])) == 1.0


def truth_of(seed, with_drums=True):
    notes, drums = score(seed, 3.0)
    drums = drums if with_drums else NOTHING
    return notes, drums, from_notes(SPEC, notes, drums, 375)


def damaged(roll, share, seed=0):
    """Roll without some of its frames."""
    kept = np.random.default_rng(seed).random((len(roll.sounding), 1)) >= share
    return Roll(*(part * kept for part in roll))


def test_a_perfect_transcription_scores_1():
    truths = [truth_of(1), truth_of(2)]
    found = scores(SPEC, truths, [roll for _, _, roll in truths])
    assert found == {name: 1.0 for name in ("f1/frame", "f1/onset", "f1/note", "f1/drums")}


def test_scores_fall_with_damage_and_are_means_over_recordings():
    truths = [truth_of(1), truth_of(2)]
    shares = (0.0, 0.4, 0.8, 1.0)
    found = [scores(SPEC, truths, [damaged(roll, share) for _, _, roll in truths]) for share in shares]
    for name in found[0]:
        values = [each[name] for each in found]
        assert values == sorted(values, reverse=True)
        assert (values[0], values[-1]) == (1.0, 0.0)
    half = scores(SPEC, truths, [truths[0][2], damaged(truths[1][2], 1.0)])
    assert set(half.values()) == {0.5}


def test_drums_are_scored_where_there_are_any():
    with_drums, without = truth_of(1), truth_of(2, with_drums=False)
    assert "f1/drums" not in scores(SPEC, [without], [without[2]])
    assert scores(SPEC, [with_drums, without], [with_drums[2], with_drums[2]])["f1/drums"] == 1.0
