import dataclasses
import json
import os
import zipfile

import keras
import numpy as np
import pytest

from pipelines.audio.spec import AudioSpec
from pipelines.errors import UserError
from pipelines.nn import translator as module
from pipelines.nn.blocks import MelStandardize, PixelShuffle, PixelUnshuffle
from pipelines.nn.translator import load_style_encoder, load_translator, save_translator
from pipelines.nn.translator_card import (
    CARD_FILE,
    MODEL_FILE,
    STYLE_FILE,
    TranslatorCard,
    load_card,
    whole_folder,
)

SPEC = AudioSpec(sample_rate=8000, n_fft=256, hop_length=64, n_mels=8, fmax=4000.0)
CARD = TranslatorCard("cyclegan", "cyclegan_tiny", 12, context_frames=8, time_multiple=2)


def network(value=2.0):
    source = keras.Input((None, SPEC.n_mels, 1))
    x = MelStandardize(name="statistics")(source)
    x = PixelShuffle(2, 2)(PixelUnshuffle(2, 2)(x))
    model = keras.Model(source, x)
    model.get_layer("statistics").set_statistics(np.zeros(SPEC.n_mels), np.full(SPEC.n_mels, 1 / value))
    return model


def gain_of(folder):
    """Gain of the saved network, by which it multiplies its input."""
    return float(load_translator(folder).model(np.ones((1, 2, SPEC.n_mels, 1), np.float32))[0, 0, 0, 0])


@pytest.fixture
def folder(tmp_path):
    save_translator(tmp_path / "run" / "translator", network(), SPEC, CARD)
    return tmp_path / "run" / "translator"


def test_what_is_saved_is_loaded(folder):
    loaded = load_translator(folder)
    assert (loaded.spec, loaded.card) == (SPEC, CARD)
    x = np.random.default_rng(1).normal(size=(2, 6, SPEC.n_mels, 1)).astype(np.float32)
    np.testing.assert_array_equal(loaded.model(x), network()(x))
    assert sorted(path.name for path in folder.iterdir()) == [
        "audio_spec.json",
        CARD_FILE,
        MODEL_FILE,
    ]


def style_encoder():
    """Of every two frames, the mean over the bands."""
    source = keras.Input((None, SPEC.n_mels, 1))
    x = keras.layers.AveragePooling2D((2, SPEC.n_mels))(source)
    return keras.Model(source, keras.layers.Reshape((-1, 1))(x))


def test_a_style_encoder_is_saved_and_replaced_with_its_translator(folder):
    save_translator(folder, network(), SPEC, CARD, {STYLE_FILE: style_encoder()})
    x = np.random.default_rng(1).normal(size=(2, 6, SPEC.n_mels, 1)).astype(np.float32)
    expected = x.reshape(2, 3, 2 * SPEC.n_mels).mean(axis=2, keepdims=True)
    np.testing.assert_allclose(load_style_encoder(folder)(x), expected, atol=1e-6)
    save_translator(folder, network(), SPEC, CARD)
    with pytest.raises(UserError, match="was trained without a style encoder: this cyclegan model"):
        load_style_encoder(folder)


def test_a_damaged_style_encoder_stops_only_those_who_want_a_style(folder):
    save_translator(folder, network(), SPEC, CARD, {STYLE_FILE: style_encoder()})
    (folder / STYLE_FILE).write_bytes(b"not this")
    assert gain_of(folder) == pytest.approx(2.0)
    with pytest.raises(UserError, match=STYLE_FILE):
        load_style_encoder(folder)


def test_the_card_is_readable_json(folder):
    assert json.loads((folder / CARD_FILE).read_text()) == dataclasses.asdict(CARD)


@pytest.mark.parametrize("name", [MODEL_FILE, CARD_FILE, "audio_spec.json"])
@pytest.mark.parametrize("damage", ["missing", "empty", "text", "half"])
def test_missing_and_damaged_files_are_one_sentence(folder, name, damage):
    path = folder / name
    whole = path.read_bytes()
    path.unlink()
    if damage != "missing":
        path.write_bytes({"empty": b"", "text": b"not this", "half": whole[: len(whole) // 2]}[damage])
    with pytest.raises(UserError, match=name) as caught:
        load_translator(folder)
    assert "\n" not in str(caught.value)


def test_a_flipped_byte_inside_the_network_is_one_sentence(folder):
    path = folder / MODEL_FILE
    with zipfile.ZipFile(path) as archive:
        config = archive.read("config.json")[20:60]
    path.write_bytes(path.read_bytes().replace(config, b"#" * len(config), 1))
    with pytest.raises(UserError, match=MODEL_FILE):
        load_translator(folder)


def test_a_card_of_another_version_is_one_sentence(folder):
    (folder / CARD_FILE).write_text(json.dumps({"family": "cyclegan"}))
    with pytest.raises(UserError, match="holds no translator"):
        load_card(folder)


def test_code_inside_a_network_is_not_run(folder):
    source = keras.Input((None, SPEC.n_mels, 1))
    keras.Model(source, keras.layers.Lambda(lambda x: x)(source)).save(folder / MODEL_FILE)
    with pytest.raises(UserError, match=MODEL_FILE):
        load_translator(folder)


def test_saving_again_replaces_and_leaves_nothing_beside(folder):
    for leftover in ("translator.new", "translator.old"):
        (folder.parent / leftover).mkdir()
        (folder.parent / leftover / "half").write_text("written by a run that was killed")
    save_translator(folder, network(5.0), SPEC, CARD)
    assert gain_of(folder) == pytest.approx(5.0)
    assert [path.name for path in folder.parent.iterdir()] == ["translator"]


def test_a_kill_while_it_writes_leaves_the_old_one(folder, monkeypatch):
    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(AudioSpec, "save", killed)
    with pytest.raises(KeyboardInterrupt):
        save_translator(folder, network(5.0), SPEC, CARD)
    assert whole_folder(folder) == folder
    assert gain_of(folder) == pytest.approx(2.0)


def test_a_kill_between_the_renames_leaves_the_old_one_beside(folder, monkeypatch):
    renamed = []

    def once(source, target):
        if renamed:
            raise KeyboardInterrupt
        renamed.append(os.rename(source, target))

    monkeypatch.setattr(module.os, "replace", once)
    with pytest.raises(KeyboardInterrupt):
        save_translator(folder, network(5.0), SPEC, CARD)
    assert not folder.exists()
    assert gain_of(whole_folder(folder)) == pytest.approx(2.0)
    # A second kill, while the next one is written, does not take that away either.
    with pytest.raises(KeyboardInterrupt):
        save_translator(folder, network(6.0), SPEC, CARD)
    assert gain_of(whole_folder(folder)) == pytest.approx(2.0)
    monkeypatch.undo()
    save_translator(folder, network(7.0), SPEC, CARD)
    assert gain_of(whole_folder(folder)) == pytest.approx(7.0)
    assert [path.name for path in folder.parent.iterdir()] == ["translator"]
