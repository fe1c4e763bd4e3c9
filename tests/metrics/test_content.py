import numpy as np
import pytest

from pipelines.metrics.content import cqt_top_correlation, onset_f1, onset_f1_of_times, onset_times, top_bins
from tests.metrics.sounds import synthesise

RATE = 22050
TUNE = (60, 64, 67, 72, 71, 67, 62, 65)
SILENCE = np.zeros(4 * RATE, np.float32)


def melody(pitches=TUNE, seconds: float = 0.5, late: float = 0.0) -> np.ndarray:
    starts = 0.25 + late + seconds * np.arange(len(pitches))
    return np.stack([starts, starts + 0.9 * seconds, np.array(pitches, float)], axis=1)


def test_the_strongest_bin_follows_the_tune():
    found = top_bins(synthesise(melody(), RATE), RATE)
    middles = np.round((melody()[:, :2].mean(axis=1)) * RATE / 512).astype(int)
    np.testing.assert_array_equal(found[middles], TUNE)


def test_the_correlation_ignores_timbre_rate_and_level():
    sound = synthesise(melody(), RATE)
    assert cqt_top_correlation(sound, sound, RATE) == 1
    assert cqt_top_correlation(sound, 0.05 * synthesise(melody(), RATE, partials=2), RATE) > 0.95
    fast = synthesise(melody(), 2 * RATE)
    assert cqt_top_correlation(fast, synthesise(melody(), 2 * RATE, partials=3), 2 * RATE) > 0.95


def test_the_correlation_is_pearsons_of_the_two_tracks():
    sounds = synthesise(melody(), RATE), synthesise(melody((60, 62, 69, 70, 72, 64, 62, 67)), RATE)
    one, other = (top_bins(sound, RATE) for sound in sounds)
    both = ~np.isnan(one) & ~np.isnan(other)
    one, other = one[both] - one[both].mean(), other[both] - other[both].mean()
    wanted = (one @ other) / np.sqrt((one @ one) * (other @ other))
    assert 0.2 < wanted < 0.95
    assert cqt_top_correlation(*sounds, RATE) == pytest.approx(wanted)


def test_a_mirrored_tune_correlates_negatively():
    mirrored = melody([132 - pitch for pitch in TUNE])
    assert cqt_top_correlation(synthesise(melody(), RATE), synthesise(mirrored, RATE), RATE) < -0.9


def test_the_correlation_falls_with_every_wrong_note():
    tune, found = list(TUNE), []
    for index, wrong in enumerate((71, 60, 60, 61)):
        tune[index] = wrong
        found.append(cqt_top_correlation(synthesise(melody(), RATE), synthesise(melody(tune), RATE), RATE))
    assert np.all(np.diff([1.0, *found]) < 0)


@pytest.mark.parametrize("other", [SILENCE, synthesise(np.array([[0.2, 4.0, 64]]), RATE, partials=1)])
def test_silence_and_a_held_note_have_no_melody(other):
    assert cqt_top_correlation(synthesise(melody(), RATE), other, RATE) == 0


def test_silence_agrees_with_nothing():
    assert np.isnan(top_bins(SILENCE, RATE)).all()
    assert cqt_top_correlation(SILENCE, SILENCE, RATE) == 0
    assert len(onset_times(SILENCE, RATE)) == 0
    assert onset_f1(SILENCE, SILENCE, RATE) == 0
    assert onset_f1(np.zeros(0, np.float32), np.zeros(0, np.float32), RATE) == 0
    assert cqt_top_correlation(np.zeros(0, np.float32), np.zeros(0, np.float32), RATE) == 0


def test_onsets_are_where_notes_start():
    np.testing.assert_allclose(onset_times(synthesise(melody(), RATE), RATE), melody()[:, 0], atol=0.03)


def test_onsets_do_not_depend_on_level_or_rate():
    sound = synthesise(melody(), 2 * RATE)
    np.testing.assert_allclose(onset_times(sound, 2 * RATE), melody()[:, 0], atol=0.03)
    np.testing.assert_array_equal(onset_times(sound, 2 * RATE), onset_times(0.01 * sound, 2 * RATE))


@pytest.mark.parametrize(("late", "wanted"), [(0.0, 1.0), (0.02, 1.0), (0.12, 0.0)])
def test_onsets_may_be_fifty_milliseconds_late(late, wanted):
    assert onset_f1(synthesise(melody(), RATE), synthesise(melody(late=late), RATE), RATE) == wanted


def test_onset_f1_counts_what_is_missing_and_what_is_too_many():
    reference = np.array([0.5, 1.0, 1.5, 2.0])
    assert onset_f1_of_times(reference, reference[:2]) == pytest.approx(2 * 1 * 0.5 / 1.5)
    assert onset_f1_of_times(reference, np.array([0.54, 1.06, 1.2, 1.5])) == pytest.approx(0.5)
    half = synthesise(melody()[::2], RATE)
    assert onset_f1(synthesise(melody(), RATE)[: len(half)], half, RATE) == pytest.approx(2 / 3, abs=0.1)


def test_the_longer_recording_is_cut():
    sound = synthesise(melody(), RATE)
    assert onset_f1(sound, np.concatenate([sound, sound]), RATE) == 1
    assert cqt_top_correlation(sound, np.concatenate([sound, sound]), RATE) == 1
