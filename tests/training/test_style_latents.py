"""Tests of the style latents, read back as TensorBoard reads them: projector and interpolation."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from google.protobuf import text_format
from tensorboard.plugins import projector as plugin

from pipelines.audio.features import log_mel
from pipelines.data.excerpts import middle_excerpt, validation_clips
from pipelines.nn.fixed_latent import FixedLatent
from pipelines.training import style_latents
from tests.data import conftest
from tests.training import fakes
from tests.training.test_summaries import audio, read

corpus = conftest.corpus
MULTIPLE = 8
STRIDE, FRAMES = 4, 48
BAND = np.array([0.0], np.float32)


def loudest(log_mels):
    """A latent space whose one number of a position is where its energy lies, and one that is always 3."""
    assert log_mels.shape[0] == 1
    assert log_mels.shape[1] % MULTIPLE == 0
    place = tf.cast(tf.argmax(log_mels[..., 0], axis=2), tf.float32)[:, ::MULTIPLE]
    return tf.stack([place, 3 + 0 * place], axis=2)


@pytest.fixture
def written(corpus, tmp_path):
    style_latents.project(tmp_path, corpus, loudest, MULTIPLE)
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
    mel = log_mel(
        corpus.spec, tf.constant(middle_excerpt(corpus, song, segments=style_latents.SEGMENTS)[None])
    )
    frames = mel.shape[1] // MULTIPLE * MULTIPLE
    expected = np.argmax(mel[0, :frames:MULTIPLE, :, 0], axis=1).mean()
    found = np.loadtxt(folder / embedding.tensor_path, delimiter="\t")[1, 0]
    assert found == pytest.approx(expected, abs=1e-4)


def test_of_many_songs_some_are_shown(corpus, tmp_path, monkeypatch):
    monkeypatch.setattr(style_latents, "MOST", 2)
    style_latents.project(tmp_path, corpus, loudest, MULTIPLE)
    lines = (tmp_path / "songs.tsv").read_text().splitlines()[1:]
    assert [line.split("\t")[0] for line in lines] == ["300.wav", "1800.wav", "450.wav", "1500.wav"]


def test_a_clip_shorter_than_the_grid_is_filled_with_silence(corpus, tmp_path):
    seen = []
    style_latents.project(tmp_path, corpus, lambda mel: (seen.append(mel), mel[:, ::512, :2, 0])[1], 512)
    assert {mel.shape[1] for mel in seen} == {512}
    assert float(tf.reduce_max(seen[0][:, -100:])) == -1


class StyledModel(fakes.TinyModel):
    """Its translator adds one number to the log-mel, and hears the largest value of every four frames."""

    def __init__(self):
        super().__init__()
        mels = keras.Input((None, conftest.SPEC.n_mels, 1))
        latent = keras.layers.UpSampling1D(STRIDE)(FixedLatent(1, STRIDE, name="latent")(mels))
        added = keras.layers.Reshape((-1, 1, 1))(latent)
        self.translator = keras.Model(mels, keras.layers.Add()([mels, added]))
        loudest = keras.layers.MaxPooling2D((STRIDE, conftest.SPEC.n_mels))(mels)
        self.style_encoder = keras.Model(mels, keras.layers.Reshape((-1, 1))(loudest))

    @property
    def frame_geometry(self):
        return 0, STRIDE


@pytest.fixture
def model():
    model = StyledModel()
    model.step.assign(9)
    model.translator.get_layer("latent").set_latent(BAND)
    return model


def test_five_steps_from_the_song_s_own_style_to_the_band_s(corpus, model, tmp_path):
    clips = validation_clips(corpus, frames=FRAMES, count=3)
    style_latents.interpolate(tmp_path, corpus, model, clips)
    np.testing.assert_array_equal(model.translator.get_layer("latent").latent, BAND)
    values = read(tmp_path)
    tags = [f"interpolation/{share}" for share in ("0.00", "0.25", "0.50", "0.75", "1.00")]
    assert list(values) == tags
    sounds = [audio(values[tag])[0] for tag in tags]
    assert all(sound.shape == (conftest.SPEC.samples(FRAMES),) for sound in sounds)
    # The last adds nothing; the others what is left of the song's own style.
    song = corpus.songs("content", "valid")[0]
    own = style_latents.place(corpus, song, model.style_encoder, STRIDE)
    (loudest,) = own
    clip = clips["content"][0]
    assert loudest == pytest.approx(log_mel(conftest.SPEC, clip[None]).numpy().max(), abs=0.1)
    assert np.corrcoef(sounds[-1], clip)[0, 1] > 0.9
    powers = [float(np.square(sound).mean()) for sound in sounds]
    assert powers == sorted(powers, reverse=bool(loudest > 0))
    assert "2600.wav with a style 25% of the way" in values[tags[1]].metadata.summary_description


def test_the_band_s_style_is_back_after_a_mistake(corpus, model, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(style_latents.Summaries, "translated", full)
    clips = validation_clips(corpus, frames=FRAMES, count=1)
    with pytest.raises(OSError, match="No space left"):
        style_latents.interpolate(tmp_path, corpus, model, clips)
    np.testing.assert_array_equal(model.translator.get_layer("latent").latent, BAND)
