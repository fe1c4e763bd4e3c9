"""Songs of the band that listeners compare with."""

import numpy as np

from pipelines.data.corpus import Corpus
from pipelines.evaluation import corpus_songs
from pipelines.evaluation.listening.band import band_songs
from tests.evaluation import small


def expected(folder, data, *numbers):
    """Waveforms of the band's songs of these numbers."""
    corpus = Corpus.load(folder / data)
    songs = corpus.manifest.domains["band"].songs
    return [corpus_songs.waveform(corpus, songs[number]) for number in numbers]


def test_they_are_held_out_songs_where_songs_of_the_train_split_are_copied(folder, tmp_path, capsys):
    """Of four songs, two are for training; the others are of the valid and of the test split."""
    found = [read() for read in band_songs(small.request(folder, tmp_path, pairs=None))]
    assert len(found) == 2
    for read, song in zip(found, expected(folder, "data", 3, 2), strict=True):
        np.testing.assert_array_equal(read, song)
    assert "warning" not in capsys.readouterr().err
    assert not list((tmp_path / "cache").glob("*.npy"))


def test_they_are_songs_of_the_train_split_where_there_is_the_truth(folder, tmp_path):
    found = [read() for read in band_songs(small.request(folder, tmp_path))]
    assert len(found) >= 1
    np.testing.assert_array_equal(found[0], expected(folder, "data", 0)[0])


def test_the_only_song_of_the_band_is_used(folder, tmp_path, capsys):
    small.data(tmp_path / "data", ("train",), ("train",))
    [read] = band_songs(small.request(tmp_path, tmp_path / "out", pairs=None))
    np.testing.assert_array_equal(read(), expected(tmp_path, "data", 0)[0])
    assert "warning" not in capsys.readouterr().err
