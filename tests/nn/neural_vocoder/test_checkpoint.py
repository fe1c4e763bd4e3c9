import dataclasses
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers

from pipelines.audio.spec import AudioSpec
from pipelines.errors import UserError
from pipelines.nn.convnext import convnext_block
from pipelines.nn.neural_vocoder import checkpoint, files
from pipelines.nn.neural_vocoder.card import VocoderCard
from pipelines.nn.neural_vocoder.inverter import NeuralInverter
from pipelines.nn.neural_vocoder.signal import correction_width, feature_width

SPEC = AudioSpec(sample_rate=16000, n_fft=256, hop_length=64, n_mels=32, fmax=8000.0)
CARD = VocoderCard("tiny", 3, 2, 40, 1)
SEEN = np.random.default_rng(0).normal(size=(1, 6, feature_width(SPEC, 40))).astype(np.float32)


@pytest.fixture(scope="module")
def vocoder():
    keras.utils.set_random_seed(0)
    seen = keras.Input((None, feature_width(SPEC, 40)))
    x = convnext_block(layers.Dense(8)(seen), 3, 2, causal=False, scale=0.5, name="block")
    network = keras.Model(seen, layers.Dense(correction_width(SPEC, 40))(x))
    return NeuralInverter(network, SPEC, CARD)


@pytest.fixture(scope="module")
def saved(vocoder, tmp_path_factory):
    path = tmp_path_factory.mktemp("store") / "run/vocoder.npz"
    checkpoint.save(path, vocoder)
    return path


def test_what_is_saved_comes_back_and_does_not_learn(saved, vocoder):
    loaded = checkpoint.load(saved)
    assert (loaded.card, loaded.spec, loaded.reach) == (CARD, SPEC, vocoder.reach)
    np.testing.assert_array_equal(loaded.network(SEEN), vocoder.network(SEEN))
    assert not loaded.network.trainable_variables
    assert [path.name for path in saved.parent.iterdir()] == ["vocoder.npz"]


def test_halves_take_half_the_place(saved, vocoder, tmp_path):
    checkpoint.save(tmp_path / "half.npz", vocoder, dtype="float16")
    halves = checkpoint.load(tmp_path / "half.npz").network(SEEN)
    np.testing.assert_allclose(halves, vocoder.network(SEEN), atol=0.02)
    assert (tmp_path / "half.npz").stat().st_size < 0.8 * saved.stat().st_size


def test_a_run_s_folder_and_its_file_are_the_same(saved):
    assert checkpoint.find(saved.parent) == checkpoint.find(saved) == saved


def test_the_shipped_one_is_found_by_its_name_or_said_to_be_missing(saved, monkeypatch, tmp_path):
    monkeypatch.setattr(checkpoint, "SHIPPED", saved)
    assert checkpoint.find(Path("shipped")) == saved
    monkeypatch.setattr(checkpoint, "SHIPPED", tmp_path / "none.npz")
    with pytest.raises(UserError, match="no vocoder comes with this copy"):
        checkpoint.find(Path("shipped"))


def test_a_run_keeps_a_copy(saved, tmp_path):
    assert files.kept(tmp_path) is None
    for _ in range(2):
        checkpoint.keep(saved.parent, tmp_path)
    checkpoint.keep(tmp_path, tmp_path)
    assert files.kept(tmp_path).read_bytes() == saved.read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == [checkpoint.FILE]


def test_a_folder_without_one_and_a_missing_file_are_named(tmp_path):
    sentences = {
        tmp_path: "holds no vocoder: name the workdir",
        tmp_path / "none.npz": "does not exist: check the name",
    }
    for path, sentence in sentences.items():
        with pytest.raises(UserError, match=f"{path} {sentence}"):
            checkpoint.load_for(path, SPEC, "runs/mine")


def test_another_spec_is_refused_in_one_sentence(saved):
    other = dataclasses.replace(SPEC, n_mels=64)
    with pytest.raises(UserError) as error:
        checkpoint.load_for(saved, other, "runs/mine")
    assert f"the vocoder {saved} and runs/mine" in str(error.value)
    assert "n_mels 32 against 64" in str(error.value)


@pytest.mark.parametrize("damage", [lambda d: b"", lambda d: b"no weights", lambda d: d[: len(d) // 2]])
def test_a_damaged_file_is_named(saved, tmp_path, damage):
    path = tmp_path / "vocoder.npz"
    path.write_bytes(damage(saved.read_bytes()))
    with pytest.raises(UserError, match=f"{path} holds no vocoder"):
        checkpoint.load(path)


def test_missing_weights_and_another_plan_are_named(saved, tmp_path):
    with np.load(saved) as stored:
        arrays = dict(stored)
    for change in ({"000": np.zeros(3)}, {"network": np.array("{}")}, {"card": np.array("{}")}):
        np.savez(tmp_path / "vocoder.npz", **{**arrays, **change})
        with pytest.raises(UserError, match="holds no vocoder"):
            checkpoint.load(tmp_path / "vocoder.npz")
