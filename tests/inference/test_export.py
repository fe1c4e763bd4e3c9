from pathlib import Path

import numpy as np
import pyloudnorm
import pytest
import soundfile
import tensorflow as tf
from scipy import signal
from tensorflow.core.protobuf import saved_model_pb2

from pipelines.audio.spec import AudioSpec
from pipelines.errors import UserError
from pipelines.inference.export import TranslationModule, export
from pipelines.inference.model_card import ModelCard
from pipelines.inference.translate import SongTranslator
from pipelines.inference.window_translator import WindowTranslator
from pipelines.nn.translator import Translator
from pipelines.nn.translator_card import load_card
from tests.inference import tiny


@pytest.fixture(scope="module")
def module(translator: Translator, workdir: Path) -> TranslationModule:
    return TranslationModule(translator, WindowTranslator.from_translator(translator), workdir / "translator")


def translate(module: TranslationModule, song: np.ndarray, strength: float = 1.0) -> np.ndarray:
    return module.serving_signatures["serving_default"](tf.constant(song), tf.constant(strength))[
        "waveform"
    ].numpy()


def test_the_graph_holds_core_ops_only(exported: Path):
    saved = saved_model_pb2.SavedModel.FromString((exported / "saved_model.pb").read_bytes())
    graph = saved.meta_graphs[0].graph_def
    called = {field.name: value for field, value in graph.ListFields()}["library"].function
    nodes = [*graph.node, *(node for function in called for node in function.node_def)]
    functions = {function.signature.name for function in called}
    ops = {node.op for node in nodes} - functions
    assert {"RFFT", "IRFFT", "Conv2D", "While"} <= {op.removeprefix("Stateless") for op in ops}
    assert not [op for op in ops if "PyFunc" in op or ">" in op]
    # The registry of a process into which other tests may have loaded op libraries: those carry a ">".
    assert not [op for op in ops if not hasattr(tf.raw_ops, op)]


def test_spec_and_cards_are_assets(exported: Path):
    assert AudioSpec.load(exported / "assets") == tiny.SPEC
    assert load_card(exported / "assets") == tiny.CARD
    assert ModelCard.load(exported / "assets") == ModelCard("tiny", "tiny", 7, 22050)


@pytest.mark.parametrize("samples", [0, 1, 300, 5000])
@pytest.mark.parametrize("channels", [1, 2])
def test_any_length(module: TranslationModule, samples: int, channels: int):
    song = tiny.song(0.5, channels)[:samples]
    cover = translate(module, song)
    assert cover.shape == song.shape
    assert np.isfinite(cover).all()


def test_the_loudness_is_that_of_the_source(module: TranslationModule):
    song = 0.5 * tiny.song(2.0)
    loudness = pyloudnorm.Meter(tiny.SPEC.sample_rate).integrated_loudness
    assert loudness(translate(module, song)) == pytest.approx(loudness(song), abs=0.2)


@pytest.mark.parametrize("channels", [1, 2])
def test_a_loud_song_stays_loud_below_the_ceiling(module: TranslationModule, channels: int):
    song, loudness = tiny.song(2.0, channels), pyloudnorm.Meter(tiny.SPEC.sample_rate).integrated_loudness
    for _ in range(20):
        song = np.clip(song * 10 ** ((-9 - loudness(song)) / 20), -1.1, 1.1).astype(np.float32)
    cover = translate(module, song)
    assert loudness(cover) == pytest.approx(loudness(song), abs=0.5)
    assert np.abs(signal.resample_poly(cover, 4, 1, axis=0)).max() <= 10 ** (-1 / 20)


def test_strength_0_gives_the_source_whatever_its_peaks(module: TranslationModule):
    song = np.clip(12 * tiny.song(1.0), -1.2, 1.2)
    np.testing.assert_allclose(translate(module, song, 0.0), song, atol=1e-4)


def test_silence_stays_silent(module: TranslationModule):
    assert np.abs(translate(module, np.zeros((30_000, 2), np.float32))).max() < 1e-2


def test_the_output_equals_a_translated_file(
    module: TranslationModule, translator: Translator, tmp_path: Path
):
    soundfile.write(tmp_path / "song.wav", tiny.song(0.9), tiny.SPEC.sample_rate)
    SongTranslator(tiny.window_translator(translator)).translate_file(
        tmp_path / "song.wav", tmp_path / "cover.wav"
    )
    song, cover = (soundfile.read(tmp_path / name, dtype="float32")[0] for name in ("song.wav", "cover.wav"))
    np.testing.assert_allclose(cover, translate(module, song), atol=1e-4)


def test_a_folder_that_cannot_be_written_is_a_user_error(
    translator: Translator, workdir: Path, tmp_path: Path
):
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="could not be written"):
        export(translator, workdir / "translator", tmp_path / "file" / "saved_model")


@pytest.mark.slow
def test_an_export_replaces_an_export_but_nothing_else(translator: Translator, workdir: Path, tmp_path: Path):
    (tmp_path / "mine.txt").write_text("keep me")
    with pytest.raises(UserError, match="is no exported model"):
        export(translator, workdir / "translator", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
    for _ in range(2):
        export(translator, workdir / "translator", tmp_path / "new")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.txt", "new"]
