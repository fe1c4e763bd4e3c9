"""Songs in TensorBoard's projector: read back as TensorBoard reads them."""

import numpy as np
import pytest
import tensorflow as tf
from google.protobuf import text_format
from tensorboard.plugins import projector as plugin

from pipelines.audio.features import log_mel
from pipelines.data.excerpts import middle_excerpt
from pipelines.training import projector
from tests.data import conftest

corpus = conftest.corpus
MULTIPLE = 8


def loudest(log_mels):
    """A latent space whose one number of a position is where its energy lies, and one that is always 3."""
    assert log_mels.shape[0] == 1
    assert log_mels.shape[1] % MULTIPLE == 0
    place = tf.cast(tf.argmax(log_mels[..., 0], axis=2), tf.float32)[:, ::MULTIPLE]
    return tf.stack([place, 3 + 0 * place], axis=2)


@pytest.fixture
def written(corpus, tmp_path):
    projector.show(tmp_path, corpus, loudest, MULTIPLE)
    config = text_format.Parse((tmp_path / "projector_config.pbtxt").read_text(), plugin.ProjectorConfig())
    (embedding,) = config.embeddings
    return tmp_path, embedding


def test_every_song_has_its_place_its_domain_and_its_split(written):
    folder, embedding = written
    heading, *songs = [
        line.split("\t") for line in (folder / embedding.metadata_path).read_text().splitlines()
    ]
    assert heading == ["song", "domain", "split"]
    expected = [
        [f"{tone}.wav", domain, "valid" if tone == tones[-1] else "train"]
        for domain, tones in conftest.TONES.items()
        for tone in tones
    ]
    assert songs == expected
    places = np.loadtxt(folder / embedding.tensor_path, delimiter="\t")
    assert places.shape == (len(songs), 2)
    np.testing.assert_array_equal(places[:, 1], 3)
    # Higher tones lie higher, in both domains.
    assert (np.diff(places[:5, 0]) > 0).all()
    assert (np.diff(places[5:, 0]) > 0).all()


def test_a_place_is_the_mean_over_the_song_s_middle(written, corpus):
    folder, embedding = written
    song = corpus.songs("content", "train")[1]
    mel = log_mel(corpus.spec, tf.constant(middle_excerpt(corpus, song, segments=projector.SEGMENTS)[None]))
    frames = mel.shape[1] // MULTIPLE * MULTIPLE
    expected = np.argmax(mel[0, :frames:MULTIPLE, :, 0], axis=1).mean()
    found = np.loadtxt(folder / embedding.tensor_path, delimiter="\t")[1, 0]
    assert found == pytest.approx(expected, abs=1e-4)


def test_of_many_songs_some_are_shown(corpus, tmp_path, monkeypatch):
    monkeypatch.setattr(projector, "MOST", 2)
    projector.show(tmp_path, corpus, loudest, MULTIPLE)
    lines = (tmp_path / "songs.tsv").read_text().splitlines()[1:]
    assert [line.split("\t")[0] for line in lines] == ["300.wav", "1800.wav", "450.wav", "1500.wav"]


def test_a_clip_shorter_than_the_grid_is_filled_with_silence(corpus, tmp_path):
    seen = []
    projector.show(tmp_path, corpus, lambda mel: (seen.append(mel), mel[:, ::512, :2, 0])[1], 512)
    assert {mel.shape[1] for mel in seen} == {512}
    assert float(tf.reduce_max(seen[0][:, -100:])) == -1
