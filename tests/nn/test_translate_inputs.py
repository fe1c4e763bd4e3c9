"""Inputs that translator networks are given: those that they have."""

import keras
import numpy as np
import pytest
from keras import layers

from pipelines.audio.spec import AudioSpec
from pipelines.nn.translator import Translator, input_names
from pipelines.nn.translator_card import TranslatorCard

SPEC = AudioSpec(sample_rate=16000, n_fft=512, hop_length=128, n_mels=32, fmax=8000.0)
X = np.random.default_rng(0).normal(size=(2, 4, 32, 1)).astype(np.float32)


def translator(*names):
    """Adds 100 times the number of the first frame, and 10 times the closeness."""
    log_mel = keras.Input((None, 32, 1), name="spectrogram")
    others = [keras.Input((), name=name, dtype="int32" if name == "first_frame" else None) for name in names]
    y = 1.0 * log_mel
    for name, each in zip(names, others, strict=True):
        factor = 100.0 if name == "first_frame" else 10.0
        y = y + factor * layers.Reshape((1, 1, 1))(keras.ops.cast(each, "float32")[:, None])
    model = keras.Model([log_mel, *others] if others else log_mel, y)
    return Translator(model, SPEC, TranslatorCard("tiny", "tiny", 1, 0, 1))


@pytest.mark.parametrize(
    "names", [(), ("closeness",), ("closeness", "first_frame"), ("first_frame", "closeness")]
)
def test_a_network_is_given_the_inputs_that_it_has(names):
    network = translator(*names)
    assert input_names(network.model) == ["log_mel", *names]
    added = (200.0 if "first_frame" in names else 0.0) + (7.5 if "closeness" in names else 0.0)
    np.testing.assert_allclose(network(X, 2, 0.75), X + added, rtol=1e-6)
    automatic = 5.0 if "closeness" in names else 0.0
    np.testing.assert_allclose(network(X), X + automatic, rtol=1e-6)


def test_the_closeness_may_differ_within_a_batch():
    found = translator("closeness")(X, closeness=[0.0, 1.0])
    np.testing.assert_allclose(found, X + np.array([0.0, 10.0])[:, None, None, None], rtol=1e-6)
