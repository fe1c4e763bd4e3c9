"""Excerpts are the songs' own samples, in order, and spread."""

import numpy as np

from pipelines.data.excerpts import excerpts, middle
from tests.data.conftest import TONES

STRIDE = 64 * 64


def _hertz(waveform):
    spectrum = np.abs(np.fft.rfft(waveform))
    return float(np.fft.rfftfreq(len(waveform), 1 / 8000)[spectrum.argmax()])


def test_one_long_excerpt_of_every_song_is_at_its_pitch(corpus):
    found = excerpts(corpus, "content", "train", count=100, segments=100)
    np.testing.assert_allclose([_hertz(song) for song in found], TONES["content"][:-1], atol=1)


def test_neighbours_are_joined_without_a_seam(corpus):
    """The residual of a sine fitted at the tone's frequency is only the tone's own noise, 1 in 100."""
    (song,) = excerpts(corpus, "content", "valid", count=1, segments=3)
    assert len(song) == 2 * STRIDE + corpus.spec.span(64)
    assert song.dtype == np.float32
    time = np.arange(len(song)) / 8000
    basis = np.stack([np.sin(2 * np.pi * 2600 * time), np.cos(2 * np.pi * 2600 * time)], axis=1)
    rest = song - basis @ np.linalg.lstsq(basis, song, rcond=None)[0]
    assert np.linalg.norm(rest) < 0.02 * np.linalg.norm(song)


def test_they_follow_each_other_and_are_the_same_again(corpus):
    (song,) = corpus.songs("band", "valid")
    first, second, *rest = excerpts(corpus, "band", "valid", count=100, segments=2)
    assert len(rest) + 2 == (song.segments - 1) // 2
    longer = excerpts(corpus, "band", "valid", count=100, segments=4)[0]
    np.testing.assert_array_equal(np.concatenate([first[: 2 * STRIDE], second]), longer)


def test_few_are_from_different_songs(corpus):
    found = excerpts(corpus, "content", "train", count=3, segments=2)
    assert len({round(_hertz(song), -1) for song in found}) == 3


def test_a_domain_without_the_split_gives_its_training_songs(corpus):
    assert len(excerpts(corpus, "content", "test", count=2, segments=1)) == 2


def test_the_middle_of_a_song_is_in_the_middle(corpus):
    (song,) = corpus.songs("band", "valid")
    whole = excerpts(corpus, "band", "valid", count=1, segments=100)[0]
    found = middle(corpus, song, segments=1)
    first = (song.segments - 2) // 2 * STRIDE
    np.testing.assert_array_equal(found, whole[first : first + len(found)])
    np.testing.assert_array_equal(middle(corpus, song, segments=100), whole)
