import json
import zipfile

import keras
import numpy as np

from pipelines.audio.spec import AudioSpec
from pipelines.nn.precision import EXACT, MIXED, computing_in, exact
from pipelines.nn.translator import load_translator, save_translator
from pipelines.nn.translator_card import TranslatorCard

SPEC = AudioSpec(sample_rate=8000, n_fft=256, hop_length=64, n_mels=16, fmax=4000.0)


def network():
    keras.utils.set_random_seed(1)
    log_mel = keras.Input((None, SPEC.n_mels, 1))
    hidden = keras.layers.Conv2D(8, 3, padding="same", activation="tanh")(log_mel)
    return keras.Model(log_mel, keras.layers.Conv2D(1, 3, padding="same")(hidden))


def test_what_is_built_inside_computes_in_it_and_nothing_else_does():
    with computing_in(MIXED):
        mixed = network()
        inner = computing_in(EXACT)(network)()
        assert keras.config.dtype_policy().name == MIXED
    assert keras.config.dtype_policy().name == EXACT
    assert [layer.compute_dtype for layer in mixed.layers[1:]] == ["bfloat16"] * 2
    assert [layer.compute_dtype for layer in inner.layers[1:]] == [EXACT] * 2
    assert {variable.dtype for variable in mixed.variables} == {EXACT}


def test_a_translator_of_mixed_precision_is_saved_to_compute_in_float32(tmp_path):
    with computing_in(MIXED):
        mixed = network()
    plain = network()
    save_translator(tmp_path / "mixed", mixed, SPEC, TranslatorCard("x", "x", 1, 2, 1))
    loaded = load_translator(tmp_path / "mixed").model
    assert {layer.compute_dtype for layer in loaded.layers} == {EXACT}
    clip = np.random.default_rng(0).normal(size=(1, 8, SPEC.n_mels, 1)).astype(np.float32)
    np.testing.assert_array_equal(loaded(clip), plain(clip))
    assert np.abs(np.asarray(mixed(clip), np.float32) - np.asarray(plain(clip))).max() > 1e-4


def test_a_plan_of_one_precision_stays_as_it_is(tmp_path):
    save_translator(tmp_path / "plain", network(), SPEC, TranslatorCard("x", "x", 1, 2, 1))
    with zipfile.ZipFile(tmp_path / "plain" / "translator.keras") as archive:
        plan = archive.read("config.json").decode()
    assert exact(plan) == plan
    assert json.loads(plan)
