import numpy as np
import pytest

from pipelines.audio.features import log_mel
from pipelines.nn.pitches import PITCHES
from tests.transcriber.scenes import NOTHING, SPEC
from transcriber.piano_roll import DRUM_CLASSES, drum_class, from_notes

TOTAL = 200


def roll(notes=(), drums=()):
    return from_notes(SPEC, np.reshape(notes, (-1, 3)), np.reshape(drums, (-1, 3)), TOTAL)


def frames(column):
    """The first and the last frame that are 1, between which all are."""
    there = np.flatnonzero(column)
    np.testing.assert_array_equal(column[there[0] : there[-1] + 1], 1)
    return there[0], there[-1]


# 125 frames a second.
@pytest.mark.parametrize(
    ("start", "end", "first", "last"),
    [
        (0.4, 0.8, 50, 99),
        (0.403, 0.81, 50, 100),
        (0.4, 0.401, 50, 50),
        (0.4, 0.4, 50, 50),
        (1.5, 9.0, 188, 199),
    ],
)
def test_a_note_sounds_from_the_frame_of_its_start_to_that_of_its_end(start, end, first, last):
    found = roll([[start, end, 60.0]])
    assert frames(found.sounding[:, 60 - 21]) == (first, last)
    assert frames(found.onset[:, 60 - 21]) == (first - 1, first + 1)
    assert found.sounding.sum() == last - first + 1
    assert found.onset.sum() == 3
    assert not found.drums.any()


def test_a_frame_lies_where_the_spectrum_puts_it():
    click = np.zeros((1, TOTAL * SPEC.hop_length), np.float32)
    click[0, round(0.4 * SPEC.sample_rate)] = 1.0
    loudest = int(log_mel(SPEC, click).numpy()[0, ..., 0].sum(axis=1).argmax())
    first, last = frames(roll([[0.4, 0.8, 60.0]]).onset[:, 39])
    assert (first + last) / 2 == loudest == frames(roll([[0.4, 0.8, 60.0]]).sounding[:, 39])[0]


def test_a_piano_s_lowest_and_highest_keys_are_the_first_and_the_last():
    found = roll([[0.4, 0.8, 21.0], [0.4, 0.8, 108.0]])
    np.testing.assert_array_equal(np.flatnonzero(found.sounding.any(axis=0)), [0, PITCHES - 1])
    np.testing.assert_array_equal(np.flatnonzero(found.onset.any(axis=0)), [0, PITCHES - 1])


@pytest.mark.parametrize(
    "note", [[0.4, 0.8, 20.0], [0.4, 0.8, 109.0], [5.0, 6.0, 60.0], [-2.0, -1.0, 60.0], [-0.5, -0.4, 60.0]]
)
def test_what_is_out_of_range_is_left_out(note):
    assert not any(part.any() for part in roll([note]))


def test_a_note_that_began_before_the_recording_sounds_without_onset():
    found = roll([[-0.4, 0.8, 60.0]])
    assert frames(found.sounding[:, 39]) == (0, 99)
    assert not found.onset.any()


def test_an_onset_at_the_very_beginning_is_cut():
    assert frames(roll([[0.0, 0.4, 60.0]]).onset[:, 39]) == (0, 1)


def test_a_stroke_is_an_onset_of_its_class_alone():
    found = roll(drums=[[0.4, 0.9, 38.0], [0.8, 0.9, 42.0]])
    assert frames(found.drums[:, DRUM_CLASSES.index("snare")]) == (49, 51)
    assert frames(found.drums[:, DRUM_CLASSES.index("cymbal")]) == (99, 101)
    assert not found.drums[:, DRUM_CLASSES.index("kick")].any()
    assert not found.sounding.any()


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("kick", [35, 36]),
        ("snare", [37, 38, 40, 41, 43, 45, 47, 48, 50, 60, 64]),
        ("cymbal", [42, 44, 46, 49, 51, 52, 53, 55, 57, 59]),
    ],
)
def test_general_midi_s_keys_have_their_classes(name, keys):
    assert {DRUM_CLASSES[drum_class(key)] for key in keys} == {name}


def test_nothing_played_is_zeros():
    found = from_notes(SPEC, NOTHING, NOTHING, 7)
    assert [part.shape for part in found] == [(7, PITCHES), (7, PITCHES), (7, len(DRUM_CLASSES))]
    assert all(part.dtype == np.float32 and not part.any() for part in found)
