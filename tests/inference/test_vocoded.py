"""Translation with a vocoder in the place of Griffin-Lim: live, and exported."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from pipelines.audio.inversion import GriffinLim
from pipelines.errors import UserError
from pipelines.inference.export import export
from pipelines.inference.graph_song import translate_waveform
from pipelines.inference.loading import load_window_translator
from pipelines.inference.window_translator import WindowTranslator
from pipelines.nn.dials import DIALS, Dials
from pipelines.nn.neural_vocoder import checkpoint
from pipelines.nn.neural_vocoder.card import VocoderCard
from pipelines.nn.neural_vocoder.inverter import NeuralInverter
from pipelines.nn.neural_vocoder.signal import correction_width, feature_width
from pipelines.nn.translator import Translator
from pipelines.nn.translator_card import TRANSLATOR_FOLDER
from tests.inference import tiny

BINS = 100


@pytest.fixture(scope="module")
def vocoder(tmp_path_factory) -> Path:
    """A vocoder that corrects everything a little, frame by frame."""
    keras.utils.set_random_seed(1)
    features = keras.Input((None, feature_width(tiny.SPEC, BINS)))
    network = keras.Model(
        features, layers.Dense(correction_width(tiny.SPEC, BINS))(layers.Dense(4)(features))
    )
    path = tmp_path_factory.mktemp("vocoder") / "vocoder.npz"
    checkpoint.save(path, NeuralInverter(network, tiny.SPEC, VocoderCard("tiny", 1, 1, BINS, 0)))
    return path


def translate(window_translator: WindowTranslator, song: np.ndarray) -> np.ndarray:
    return translate_waveform(window_translator, tf.constant(song), DIALS).numpy()


def test_a_named_vocoder_takes_the_place_of_griffin_lim(workdir: Path, vocoder: Path):
    song = tiny.song(0.7)
    plain, vocoded = (load_window_translator(workdir, named) for named in (None, vocoder))
    assert isinstance(plain.inverter, GriffinLim)
    assert isinstance(vocoded.inverter, NeuralInverter)
    assert np.abs(translate(vocoded, song) - translate(plain, song)).max() > 1e-3


def test_the_vocoder_of_a_run_is_used_unless_another_is_named(workdir: Path, vocoder: Path, tmp_path: Path):
    run = Path(shutil.copytree(workdir, tmp_path / "run"))
    checkpoint.keep(vocoder, run)
    for path in (run, run / TRANSLATOR_FOLDER):
        assert isinstance(load_window_translator(path).inverter, NeuralInverter)
    iterations = checkpoint.load(vocoder).then(3)
    checkpoint.save(tmp_path / "other.npz", iterations)
    assert load_window_translator(run, tmp_path / "other.npz").inverter.card.iterations == 3


@pytest.mark.slow
def test_an_export_holds_its_vocoder(workdir: Path, translator: Translator, vocoder: Path, tmp_path: Path):
    song, folder = tiny.song(0.7), tmp_path / "export"
    export(translator, workdir / "translator", folder, vocoder=vocoder)
    live = translate(load_window_translator(workdir, vocoder), song)
    np.testing.assert_allclose(translate(load_window_translator(folder), song), live, atol=1e-5)
    served = tf.saved_model.load(str(folder)).signatures["serving_default"]
    cover = served(waveform=tf.constant(song), strength=tf.constant(1.0))["waveform"].numpy()
    # The signature also matches the loudness: equal but for one gain.
    waveforms = live.ravel(), cover.ravel()
    assert np.corrcoef(*waveforms)[0, 1] > 0.99


def test_a_hard_panned_song_stays_hard_panned(workdir: Path, vocoder: Path):
    song = tiny.song(0.7)
    song[:, 1] = 0
    left, right = np.abs(translate(load_window_translator(workdir, vocoder), song)).max(axis=0)
    assert left > 0.01
    assert right < 1e-3 * left


def test_strength_0_gives_the_source(workdir: Path, vocoder: Path):
    song, window_translator = tiny.song(0.7), load_window_translator(workdir, vocoder)
    source = translate_waveform(window_translator, tf.constant(song), Dials(0.0)).numpy()
    np.testing.assert_allclose(source, song, atol=1e-5)


def test_the_error_on_another_spec_names_both(workdir: Path, vocoder: Path, tmp_path: Path):
    loaded = checkpoint.load(vocoder)
    other = NeuralInverter(loaded.network, dataclasses.replace(tiny.SPEC, hop_length=128), loaded.card)
    checkpoint.save(tmp_path / "vocoder.npz", other)
    with pytest.raises(UserError) as error:
        load_window_translator(workdir, tmp_path)
    assert f"the vocoder {tmp_path} and {workdir}" in str(error.value)
    assert "hop_length 128 against 256" in str(error.value)
