"""Tests of the interpolation from a song's own style to the band's, read back as TensorBoard reads it."""

import keras
import numpy as np
import pytest

from pipelines.audio.features import log_mel
from pipelines.data.excerpts import validation_clips
from pipelines.nn.fixed_latent import FixedLatent
from pipelines.training import interpolation, projector
from tests.data import conftest
from tests.training import fakes
from tests.training.test_summaries import audio, read

corpus = conftest.corpus
MULTIPLE, FRAMES = 4, 48
BAND = np.array([0.0], np.float32)


class StyledModel(fakes.TinyModel):
    """Its translator adds one number to the log-mel, and hears the largest value of every four frames."""

    def __init__(self):
        super().__init__()
        mels = keras.Input((None, conftest.SPEC.n_mels, 1))
        latent = keras.layers.UpSampling1D(MULTIPLE)(FixedLatent(1, MULTIPLE, name="latent")(mels))
        added = keras.layers.Reshape((-1, 1, 1))(latent)
        self.translator = keras.Model(mels, keras.layers.Add()([mels, added]))
        loudest = keras.layers.MaxPooling2D((MULTIPLE, conftest.SPEC.n_mels))(mels)
        self.style_encoder = keras.Model(mels, keras.layers.Reshape((-1, 1))(loudest))

    @property
    def frame_geometry(self):
        return 0, MULTIPLE


@pytest.fixture
def model():
    model = StyledModel()
    model.step.assign(9)
    model.translator.get_layer("latent").set_latent(BAND)
    return model


def test_five_steps_from_the_song_s_own_style_to_the_band_s(corpus, model, tmp_path):
    clips = validation_clips(corpus, frames=FRAMES, count=3)
    interpolation.show(tmp_path, corpus, model, clips)
    np.testing.assert_array_equal(model.translator.get_layer("latent").latent, BAND)
    values = read(tmp_path)
    tags = [f"interpolation/{share}" for share in ("0.00", "0.25", "0.50", "0.75", "1.00")]
    assert list(values) == tags
    sounds = [audio(values[tag])[0] for tag in tags]
    assert all(sound.shape == (conftest.SPEC.samples(FRAMES),) for sound in sounds)
    # The last adds nothing; the others what is left of the song's own style.
    song = corpus.songs("content", "valid")[0]
    own = projector.place(corpus, song, model.style_encoder, MULTIPLE)
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

    monkeypatch.setattr(interpolation.Summaries, "translated", full)
    clips = validation_clips(corpus, frames=FRAMES, count=1)
    with pytest.raises(OSError, match="No space left"):
        interpolation.show(tmp_path, corpus, model, clips)
    np.testing.assert_array_equal(model.translator.get_layer("latent").latent, BAND)
