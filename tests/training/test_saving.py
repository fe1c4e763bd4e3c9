"""Tests of the files that are saved of a model: its translator, card and style encoder."""

import keras
import numpy as np
import pytest

from pipelines.errors import UserError
from pipelines.nn.translator import load_style_encoder, load_translator
from pipelines.training.saving import save_model
from tests.training import fakes


def test_a_plain_model_keeps_its_translator_and_card(tmp_path):
    model = fakes.TinyModel()
    save_model(tmp_path / "translator", model)
    assert load_translator(tmp_path / "translator").card == model.translator_card()
    with pytest.raises(UserError, match="without a style encoder"):
        load_style_encoder(tmp_path / "translator")


def test_a_styled_one_keeps_its_style_encoder_too(tmp_path, monkeypatch):
    def encoder(_):
        mels = keras.Input((None, fakes.SPEC.n_mels, 1))
        return keras.Model(mels, keras.ops.mean(mels, axis=2))

    monkeypatch.setattr(fakes.TinyModel, "style_encoder", property(encoder), raising=False)
    model = fakes.TinyModel()
    save_model(tmp_path / "translator", model)
    mels = fakes.batch_of(0)["band"]
    found = load_style_encoder(tmp_path / "translator")(mels)
    np.testing.assert_allclose(found, mels.numpy().mean(axis=2), atol=1e-6)
