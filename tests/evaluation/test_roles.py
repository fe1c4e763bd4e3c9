"""Tests of the roles of songs: what is copied, compared with and classified by are different songs."""

import itertools

import numpy as np
import pytest

from pipelines.evaluation import band, band_copies, corpus_songs
from pipelines.evaluation.clips import clip_key, clips_from_corpus, clips_from_pairs
from pipelines.evaluation.context import Context
from tests.evaluation import small


@pytest.fixture
def context(tmp_path):
    """Opens an evaluation of a data folder with these splits."""

    def opened(content, of_band):
        small.data(tmp_path / "data", content, of_band)
        return Context.open(tmp_path / "data", tmp_path / "out", (), 1)

    return opened


def names(songs):
    return [song.name for song in songs]


def played(corpus, clips):
    """Content songs that a row plays."""
    keys = {clip.key for clip in clips}
    return {song for song in corpus.manifest.domains["content"].songs if clip_key(corpus, song) in keys}


def copies(context, roles, clips):
    """Samples of every copy, in the order of the clips."""
    found = band_copies.recordings(context.corpus, roles.copied, clips)
    return [found[clip.key]() for clip in clips if clip.key in found]


def test_pairs_copy_the_truth_of_another_song(context, tmp_path):
    for number in range(3):
        small.pair(tmp_path / "pairs", f"piece {number}", 70 + number)
    opened = context(("train", "valid", "test"), ("train", "valid", "test"))
    clips = clips_from_pairs(opened, tmp_path / "pairs")
    roles = band.assign_roles(opened, clips)
    assert roles.copied == ()
    truths = [np.load(clip.truth) for clip in clips]
    for own, copy in zip(truths, copies(opened, roles, clips), strict=True):
        assert not np.array_equal(copy, own)
        assert sum(np.array_equal(copy, truth) for truth in truths) == 1
    assert len({copy.tobytes() for copy in copies(opened, roles, clips)}) == 3
    # The whole data folder is left to the reference and the classifier.
    assert len(roles.reference) == 1
    assert len(roles.classifier_content) == len(roles.classifier_band) == 2
    assert not opened.warn.sentences


@pytest.mark.parametrize(
    ("content", "of_band", "copied", "reference"),
    [
        # Copies are of the train split, the reference is held out.
        (["test"] * 2, ["train"] * 4 + ["valid", "test", "test"], 2, 3),
        (["test"] * 5, ["train"] * 4 + ["valid", "test"], 4, 2),
        (["test"] * 4, ["train"] * 4 + ["valid"], 4, 1),
        (["test"], ["train", "valid"], 1, 1),
        # Nothing is held out.
        (["test"], ["train"] * 4, 1, 3),
    ],
)
def test_no_song_has_two_roles(context, content, of_band, copied, reference):
    opened = context([*content, "train", "valid"], of_band)
    clips = clips_from_corpus(opened)
    roles = band.assign_roles(opened, clips)
    assert (len(roles.copied), len(roles.reference)) == (copied, reference)
    assert not set(roles.copied) & {*roles.reference, *roles.classifier_band}
    assert not set(roles.played) & {*roles.copied, *roles.classifier_band, *roles.training}
    assert set(roles.played) <= set(roles.reference)
    assert played(opened.corpus, clips)
    assert not played(opened.corpus, clips) & set(roles.classifier_content)


def test_every_song_has_another_copy_while_there_are_enough(context):
    opened = context(["test"] * 3 + ["train"], ["train"] * 4 + ["valid", "test"])
    clips = clips_from_corpus(opened)
    roles = band.assign_roles(opened, clips)
    whole = {corpus_songs.waveform(opened.corpus, song).tobytes() for song in roles.copied}
    found = [copy.tobytes() for copy in copies(opened, roles, clips)]
    assert len(found) == len(set(found)) == 3
    assert set(found) == whole
    assert not [sentence for sentence in opened.warn.sentences if "to copy" in sentence]


def test_stretches_of_too_few_songs_do_not_overlap(context):
    opened = context(["test"] * 5 + ["train"], ["train", "valid", "test"])
    clips = clips_from_corpus(opened)
    roles = band.assign_roles(opened, clips)
    song = corpus_songs.waveform(opened.corpus, roles.copied[0])
    ends = sorted(_place(song, copy) for copy in copies(opened, roles, clips))
    assert len(ends) == 5
    assert all(end <= start for (_, end), (start, _) in itertools.pairwise(ends))
    (sentence,) = [each for each in opened.warn.sentences if "to copy" in each]
    assert "has 1 songs of the band to copy for 5 songs" in sentence


def _place(song, copy):
    """First and last sample of a copy in a song."""
    windows = np.lib.stride_tricks.sliding_window_view(song, 2000)
    (start,) = np.flatnonzero((windows == copy[:2000]).all(axis=1))
    assert np.array_equal(song[start : start + len(copy)], copy)
    return start, start + len(copy)


def test_a_band_of_one_song_is_not_copied(context):
    opened = context(["train", "valid"], ["train"])
    clips = clips_from_corpus(opened)
    roles = band.assign_roles(opened, clips)
    assert (names(roles.reference), roles.copied, copies(opened, roles, clips)) == (["song 0.wav"], (), [])
    assert any("only one song of the band" in sentence for sentence in opened.warn.sentences)
    # The valid song is played, since there is no test split.
    assert names(roles.classifier_content) == ["song 0.wav"]
