import os

import numpy as np
import pytest

from pipelines.data.augmented_copies import CopyConfig, PitchTimeChange


def test_no_copies_by_default():
    assert CopyConfig().changes("a.mp3") == []


def test_changes_are_reproducible_and_a_larger_count_appends():
    few, many = CopyConfig(3).changes("a.mp3"), CopyConfig(8).changes("a.mp3")
    assert few == many[:3] == CopyConfig(3).changes("a.mp3")
    assert CopyConfig(3).changes("b.mp3") != few


def test_changes_of_many_songs_cover_both_ranges_evenly():
    found = [
        item for song in range(50) for item in CopyConfig(4, semitones=3.0, tempo=0.08).changes(f"{song}.ogg")
    ]
    semitones = np.array([item.semitones for item in found])
    tempo = np.array([item.tempo for item in found])
    assert np.abs(semitones).max() <= 3
    assert np.abs(tempo - 1).max() <= 0.08
    for values, width in ((semitones, 6), (tempo, 0.16)):
        assert np.histogram(values, 4)[0] == pytest.approx([50] * 4, abs=15)
        assert values.std() == pytest.approx(width / np.sqrt(12), rel=0.1)
    assert abs(np.corrcoef(semitones, tempo)[0, 1]) < 0.2
    assert len(set(semitones % 1)) > 50  # fractions of semitones


def test_changes_of_one_song_are_spread():
    """Evenly spread: of four, one lies in about each quarter of the range of pitches."""
    for song in range(10):
        semitones = sorted(item.semitones for item in CopyConfig(4, semitones=2.0).changes(str(song)))
        assert np.diff(semitones).max() < 2.5


def test_text():
    assert str(PitchTimeChange(-0.5, 1.05)) == "-0.50 semitones, tempo 1.050"


def test_names_that_are_not_utf8_have_changes_of_their_own():
    latin = os.fsdecode(b"Bj\xf6rk.wav")
    assert CopyConfig(2).changes(latin) != CopyConfig(2).changes(
        "Bj\N{LATIN SMALL LETTER O WITH DIAERESIS}rk.wav"
    )
