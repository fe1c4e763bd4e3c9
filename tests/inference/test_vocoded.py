"""A vocoder in the place of Griffin-Lim: live, and inside an export."""

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
from pipelines.inference.export import cover_song, export
from pipelines.inference.loading import load_maker
from pipelines.nn.neural_vocoder import checkpoint
from pipelines.nn.neural_vocoder.inverter import NeuralInverter, VocoderCard
from pipelines.nn.neural_vocoder.signal import correction_width, feature_width
from pipelines.nn.translator import TRANSLATOR_FOLDER, Translator
from tests.inference import tiny

BINS = 100


@pytest.fixture(scope="module")
def vocoder(tmp_path_factory) -> Path:
    """A vocoder that corrects everything a little, frame by frame."""
    keras.utils.set_random_seed(1)
    seen = keras.Input((None, feature_width(tiny.SPEC, BINS)))
    network = keras.Model(seen, layers.Dense(correction_width(tiny.SPEC, BINS))(layers.Dense(4)(seen)))
    path = tmp_path_factory.mktemp("vocoder") / "vocoder.npz"
    checkpoint.save(path, NeuralInverter(network, tiny.SPEC, VocoderCard("tiny", 1, 1, BINS, 0)))
    return path


def play(maker, song: np.ndarray) -> np.ndarray:
    return cover_song(maker, tf.constant(song), tf.constant(1.0)).numpy()


def test_a_named_vocoder_takes_the_place_of_griffin_lim(workdir: Path, vocoder: Path):
    song = tiny.song(0.7)
    plain, vocoded = (load_maker(workdir, named) for named in (None, vocoder))
    assert isinstance(plain.inverter, GriffinLim)
    assert isinstance(vocoded.inverter, NeuralInverter)
    assert np.abs(play(vocoded, song) - play(plain, song)).max() > 1e-3


def test_a_run_s_own_vocoder_plays_unless_another_is_named(workdir: Path, vocoder: Path, tmp_path: Path):
    run = Path(shutil.copytree(workdir, tmp_path / "run"))
    checkpoint.keep(vocoder, run)
    for path in (run, run / TRANSLATOR_FOLDER):
        assert isinstance(load_maker(path).inverter, NeuralInverter)
    iterations = checkpoint.load(vocoder).then(3)
    checkpoint.save(tmp_path / "other.npz", iterations)
    assert load_maker(run, tmp_path / "other.npz").inverter.card.iterations == 3


def test_an_export_holds_its_vocoder(workdir: Path, translator: Translator, vocoder: Path, tmp_path: Path):
    song, folder = tiny.song(0.7), tmp_path / "export"
    export(translator, workdir / "translator", folder, vocoder=vocoder)
    live = play(load_maker(workdir, vocoder), song)
    np.testing.assert_allclose(play(load_maker(folder), song), live, atol=1e-5)
    served = tf.saved_model.load(str(folder)).signatures["serving_default"]
    cover = served(waveform=tf.constant(song), strength=tf.constant(1.0))["waveform"].numpy()
    # The bundle matches loudness as well: equal but for one gain.
    inner = live.ravel(), cover.ravel()
    assert np.corrcoef(*inner)[0, 1] > 0.99


def test_a_hard_panned_song_stays_hard_panned(workdir: Path, vocoder: Path):
    song = tiny.song(0.7)
    song[:, 1] = 0
    left, right = np.abs(play(load_maker(workdir, vocoder), song)).max(axis=0)
    assert left > 0.01
    assert right < 1e-3 * left


def test_strength_0_gives_the_source(workdir: Path, vocoder: Path):
    song, maker = tiny.song(0.7), load_maker(workdir, vocoder)
    source = cover_song(maker, tf.constant(song), tf.constant(0.0)).numpy()
    np.testing.assert_allclose(source, song, atol=1e-5)


def test_another_spec_is_refused_naming_both(workdir: Path, vocoder: Path, tmp_path: Path):
    loaded = checkpoint.load(vocoder)
    other = NeuralInverter(loaded.network, dataclasses.replace(tiny.SPEC, hop_length=128), loaded.card)
    checkpoint.save(tmp_path / "vocoder.npz", other)
    with pytest.raises(UserError) as error:
        load_maker(workdir, tmp_path)
    assert f"the vocoder {tmp_path} and {workdir}" in str(error.value)
    assert "hop_length 128 against 256" in str(error.value)
