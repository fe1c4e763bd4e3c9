"""Songs by a VAE-GAN: their noise in windows and exports, and their dials."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from pipelines.inference.export import TranslationModule
from pipelines.inference.graph_clips import translate_clips
from pipelines.inference.graph_song import translate_song, translate_waveform
from pipelines.inference.loading import from_saved_model, load_export
from pipelines.inference.translate import SongTranslator
from pipelines.inference.window_translator import WindowTranslator
from pipelines.nn.dials import DIALS, Dials
from pipelines.nn.translator import Translator, load_translator
from tests.contracts import randomize
from tests.vaegan import tiny

SAMPLES = 20_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    model = tiny.model()
    randomize(model.decoder)
    path = tmp_path_factory.mktemp("run") / "translator"
    model.save_translator(path)
    return path


@pytest.fixture(scope="module")
def translator(folder: Path) -> Translator:
    return load_translator(folder)


@pytest.fixture(scope="module")
def song() -> np.ndarray:
    time = np.arange(SAMPLES)[:, None] / tiny.SPEC.sample_rate
    tones = np.sin(2 * np.pi * np.array([220, 277]) * time) * np.exp(-3 * (time % 0.25))
    return (0.2 * tones + 0.01 * np.random.default_rng(0).normal(size=tones.shape)).astype(np.float32)


@pytest.mark.parametrize("dials", [DIALS, Dials(closeness=1.0)])
def test_windows_join_in_a_graph_and_in_a_stream(translator: Translator, song: np.ndarray, dials: Dials):
    whole, parts = (WindowTranslator.from_translator(translator, size=size) for size in (10_000, 24))
    assert parts.windows.count(tiny.SPEC.frames(SAMPLES)) > 5
    expected = translate_waveform(whole, tf.constant(song), dials).numpy()
    assert np.abs(expected).max() > 1e-3
    in_graph = translate_waveform(parts, tf.constant(song), dials)
    np.testing.assert_allclose(in_graph, expected, atol=2e-4 * np.abs(expected).max())
    streamed = SongTranslator(parts).translate_blocks(iter(np.array_split(song, 7)), SAMPLES, dials)
    np.testing.assert_allclose(np.concatenate(list(streamed)), expected, atol=2e-4 * np.abs(expected).max())


@pytest.mark.slow
def test_an_export_has_the_noise_and_the_dials(
    folder: Path, translator: Translator, song: np.ndarray, tmp_path: Path
):
    live = WindowTranslator.from_translator(translator, size=64)
    module = TranslationModule(translator, live, folder)
    tf.saved_model.save(module, str(tmp_path / "export"), dict(module.serving_signatures))
    loaded = load_export(tmp_path / "export")
    free, close = (
        loaded.signatures["dials"](
            waveform=tf.constant(song), strength=tf.constant(1.0), closeness=tf.constant(closeness)
        )["waveform"].numpy()
        for closeness in (0.0, 1.0)
    )
    assert np.abs(free - close).max() > 1e-3
    expected = translate_song(live, tf.constant(song), Dials(closeness=1.0))
    np.testing.assert_allclose(close, expected, atol=1e-4)
    network = from_saved_model(loaded, tmp_path / "export").translate
    log_mel = tf.constant(np.random.default_rng(1).uniform(-1, 0, (2, 32, tiny.SPEC.n_mels, 1)), tf.float32)
    found = network(log_mel, first_frame=48, closeness=[0.2, 0.9])
    np.testing.assert_allclose(found, translator(log_mel, 48, [0.2, 0.9]), atol=1e-5)


@pytest.mark.slow
def test_clips_of_a_batch_have_their_own_dials(translator: Translator, song: np.ndarray):
    live = WindowTranslator.from_translator(translator, size=64)
    dials = Dials(tf.constant([1.0, 1.0]), tf.constant([0.0, 1.0]))
    found = translate_clips(live, tf.constant(np.stack([song[:, 0]] * 2)), dials).numpy()
    for row, closeness in zip(found, (0.0, 1.0), strict=True):
        expected = translate_song(live, tf.constant(song[:, :1]), Dials(closeness=closeness))
        np.testing.assert_allclose(row, expected[:, 0], atol=1e-4)
