"""Tests of validation clips and excerpts: samples of the songs, in order, and spread over them."""

import numpy as np
import pytest

from pipelines.data.excerpts import excerpts, middle_excerpt, validation_clips
from pipelines.data.schema import DOMAINS
from tests.data.conftest import TONES

STRIDE = 64 * 64
CLIP_FRAMES = 32


def _hertz(waveform):
    spectrum = np.abs(np.fft.rfft(waveform))
    return float(np.fft.rfftfreq(len(waveform), 1 / 8000)[spectrum.argmax()])


def test_one_long_excerpt_of_every_song_has_its_pitch(corpus):
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


def test_excerpts_are_consecutive_and_deterministic(corpus):
    (song,) = corpus.songs("band", "valid")
    first, second, *rest = excerpts(corpus, "band", "valid", count=100, segments=2)
    assert len(rest) + 2 == (song.segments - 1) // 2
    longer = excerpts(corpus, "band", "valid", count=100, segments=4)[0]
    np.testing.assert_array_equal(np.concatenate([first[: 2 * STRIDE], second]), longer)


def test_few_excerpts_come_from_different_songs(corpus):
    found = excerpts(corpus, "content", "train", count=3, segments=2)
    assert len({round(_hertz(song), -1) for song in found}) == 3


def test_a_domain_without_the_split_uses_its_training_songs(corpus):
    assert len(excerpts(corpus, "content", "test", count=2, segments=1)) == 2


def test_the_middle_of_a_song_is_in_the_middle(corpus):
    (song,) = corpus.songs("band", "valid")
    whole = excerpts(corpus, "band", "valid", count=1, segments=100)[0]
    found = middle_excerpt(corpus, song, segments=1)
    first = (song.segments - 2) // 2 * STRIDE
    np.testing.assert_array_equal(found, whole[first : first + len(found)])
    np.testing.assert_array_equal(middle_excerpt(corpus, song, segments=100), whole)


def test_validation_clips_are_fixed_and_spread(corpus):
    clips = validation_clips(corpus, frames=CLIP_FRAMES, count=6, split="train")
    again = validation_clips(corpus, frames=CLIP_FRAMES, count=6, split="train")
    assert clips["content"].shape == (6, corpus.spec.samples(CLIP_FRAMES))
    assert clips["content"].dtype == np.float32
    for domain in DOMAINS:
        np.testing.assert_array_equal(clips[domain], again[domain])
        assert (np.abs(clips[domain]).max(axis=1) > 0.05).all()
    hertz = np.abs(np.fft.rfft(clips["content"])).argmax(axis=1) * 8000 / corpus.spec.samples(CLIP_FRAMES)
    assert [round(value / 100) for value in hertz] == pytest.approx([3, 7, 12, 18, 3, 7], abs=1)


def test_validation_clips_of_one_song_are_different_places(corpus):
    clips = validation_clips(corpus, frames=CLIP_FRAMES, count=3)["band"]
    assert len({clip.tobytes() for clip in clips}) == 3
