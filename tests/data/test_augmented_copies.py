import numpy as np
import pytest

from pipelines.data.augmented_copies import Alteration, Variety


def test_nothing_unless_asked_for():
    assert Variety().of("a.mp3") == []


def test_the_same_again_and_the_first_ones_whatever_the_count():
    few, many = Variety(3).of("a.mp3"), Variety(8).of("a.mp3")
    assert few == many[:3] == Variety(3).of("a.mp3")
    assert Variety(3).of("b.mp3") != few


def test_songs_together_fill_both_ranges_evenly():
    found = [item for song in range(50) for item in Variety(4, semitones=3.0, tempo=0.08).of(f"{song}.ogg")]
    semitones = np.array([item.semitones for item in found])
    tempo = np.array([item.tempo for item in found])
    assert np.abs(semitones).max() <= 3
    assert np.abs(tempo - 1).max() <= 0.08
    for values, width in ((semitones, 6), (tempo, 0.16)):
        assert np.histogram(values, 4)[0] == pytest.approx([50] * 4, abs=15)
        assert values.std() == pytest.approx(width / np.sqrt(12), rel=0.1)
    assert abs(np.corrcoef(semitones, tempo)[0, 1]) < 0.2
    assert len(set(semitones % 1)) > 50  # fractions of semitones


def test_four_of_a_song_lie_in_different_places():
    """Evenly spread: of four, one lies in about each quarter of the range of pitches."""
    for song in range(10):
        semitones = sorted(item.semitones for item in Variety(4, semitones=2.0).of(str(song)))
        assert np.diff(semitones).max() < 2.5


def test_in_words():
    assert str(Alteration(-0.5, 1.05)) == "-0.50 semitones, tempo 1.050"
