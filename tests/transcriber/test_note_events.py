import numpy as np
import pytest

from pipelines.audio.spec import AudioSpec
from tests.transcriber.scenes import NOTHING, SPEC, score
from transcriber.note_events import notes_of, strokes_of
from transcriber.piano_roll import Roll, from_notes

TOTAL = 250
KEY = 60 - 21


def known(notes, drums=NOTHING):
    return from_notes(SPEC, np.asarray(notes), np.asarray(drums), TOTAL)


def probabilities(sounding=(), onset=()):
    """Of one key: 0.9 in the given runs of frames, [first, end)."""
    roll = known(NOTHING)
    for part, runs in ((roll.sounding, sounding), (roll.onset, onset)):
        for first, end in runs:
            part[first:end, KEY] = 0.9
    return roll


def spans(roll, spec=SPEC):
    """(first frame, end frame) of each note, all of them of one key."""
    notes = notes_of(spec, roll)
    assert set(notes[:, 2]) <= {60.0}
    return [tuple(span) for span in (notes[:, :2] * spec.frame_rate).round(6).tolist()]


MELODIES = {
    "one": [[0.4, 0.8, 60.0]],
    "chord": [[0.4, 0.8, 60.0], [0.4, 1.2, 64.0], [0.4, 0.8, 67.0]],
    "repeated": [[0.4, 0.8, 60.0], [0.8, 0.96, 60.0], [0.96, 1.2, 60.0]],
    "edges": [[0.0, 0.2, 21.0], [1.6, 2.0, 108.0]],
    "melody": score(1, 2.0)[0].tolist(),
}


@pytest.mark.parametrize("dtype", ["float16", "float32"])
@pytest.mark.parametrize("name", MELODIES)
def test_a_known_roll_gives_the_known_notes_back_and_they_the_roll(name, dtype):
    roll = known(MELODIES[name])
    found = notes_of(SPEC, Roll(*(part.astype(dtype) for part in roll)))
    assert found.dtype == np.float64
    np.testing.assert_allclose(found[:, 2], np.array(MELODIES[name])[:, 2])
    np.testing.assert_allclose(found[:, :2], np.array(MELODIES[name])[:, :2], atol=0.51 / SPEC.frame_rate)
    for ours, theirs in zip(known(found), roll, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_strokes_come_back_with_their_classes():
    found = strokes_of(SPEC, known(NOTHING, [[0.4, 0.5, 36.0], [0.4, 0.5, 42.0], [0.8, 0.9, 38.0]]))
    np.testing.assert_allclose(found, [[0.4, 0], [0.4, 2], [0.8, 1]])


def test_an_onset_is_where_its_probability_is_highest():
    roll = probabilities([(50, 100)])
    roll.onset[47:53, KEY] = [0.1, 0.5, 0.7, 0.6, 0.45, 0.1]
    assert spans(roll) == [(49, 100)]


def test_probabilities_below_the_threshold_are_ignored():
    roll = probabilities([(50, 100)], [(50, 51)])
    assert spans(Roll(*(part * 0.43 for part in roll))) == []
    assert spans(Roll(*(part * 0.46 for part in roll))) == [(50, 100)]


@pytest.mark.parametrize(("frames", "count"), [(4, 0), (7, 0), (8, 1), (60, 1)])
def test_a_swell_without_onset_is_a_note_if_it_lasts(frames, count):
    assert spans(probabilities([(50, 50 + frames)])) == [(50, 50 + frames)] * count


def test_an_onset_somewhat_before_or_after_its_sound_is_that_note_s():
    assert spans(probabilities([(50, 100)], [(47, 48)])) == [(47, 100)]
    assert spans(probabilities([(50, 100)], [(53, 54)])) == [(53, 100)]


def test_an_onset_without_sound_is_none():
    assert spans(probabilities([(100, 150)], [(50, 51), (100, 101)])) == [(100, 150)]


# 35 ms are 4.4 frames, at the default spec's rate 3.0.
@pytest.mark.parametrize(("spec", "longest"), [(SPEC, 4), (AudioSpec(), 3)])
@pytest.mark.parametrize("more", [-2, 0, 1])
def test_a_short_gap_does_not_end_a_note(spec, longest, more):
    gap = longest + more
    roll = probabilities([(50, 100), (100 + gap, 150)], [(50, 51)])
    expected = [(50, 150)] if more <= 0 else [(50, 100), (100 + gap, 150)]
    assert spans(roll, spec) == expected


def test_two_onsets_of_a_pitch_lie_apart():
    roll = probabilities([(50, 100)], [(50, 51)])
    roll.onset[52, KEY] = 0.8
    assert spans(roll) == [(50, 100)]


def test_a_note_may_sound_from_the_first_frame_to_the_last():
    assert spans(probabilities([(0, TOTAL)], [(0, 1)])) == [(0, TOTAL)]
    assert spans(probabilities([(0, TOTAL)])) == [(0, TOTAL)]


@pytest.mark.parametrize("frames", [1, 30])
def test_silence_has_no_notes_and_no_strokes(frames):
    roll = from_notes(SPEC, NOTHING, NOTHING, frames)
    assert notes_of(SPEC, roll).shape == (0, 3)
    assert strokes_of(SPEC, roll).shape == (0, 2)
