"""Songs of the band that listeners compare with."""

import numpy as np

from pipelines.data.corpus import Corpus
from pipelines.evaluation import corpus_songs
from pipelines.evaluation.listening.band import band_songs
from tests.evaluation import small


def test_they_are_the_bands_songs_that_no_system_plays(folder, tmp_path, capsys):
    """Of four songs, two are for training, and "copy a band song" plays the one of the test split."""
    found = band_songs(small.request(folder, tmp_path))
    corpus = Corpus.load(folder / "data")
    expected = corpus_songs.select(corpus, "band", "train").songs
    assert len(found) == len(expected) == 2
    for read, song in zip(found, expected, strict=True):
        np.testing.assert_array_equal(read(), corpus_songs.waveform(corpus, song))


def test_the_only_song_is_better_than_none(tmp_path, capsys):
    small.data(tmp_path / "data", ("train",), ("train",))
    assert len(band_songs(small.request(tmp_path, tmp_path / "out"))) == 1
    small.data(tmp_path / "other", ("train",), ("train", "train"))
    [read] = band_songs(small.request(tmp_path, tmp_path / "out", data="other"))
    corpus = Corpus.load(tmp_path / "other")
    second = corpus_songs.select(corpus, "band", "train").songs[1]
    np.testing.assert_array_equal(read(), corpus_songs.waveform(corpus, second))
    assert capsys.readouterr().err == ""
