"""Styles of recordings, and translations with them."""

from pathlib import Path

import keras
import numpy as np
import pyloudnorm
import pytest
import soundfile
import tensorflow as tf

from pipelines.audio.features import log_mel
from pipelines.audio.loudness import TRAINING_LUFS
from pipelines.errors import UserError
from pipelines.inference import downmix, style
from pipelines.inference.export import export
from pipelines.inference.graph_song import translate_waveform
from pipelines.inference.loading import load_trained, load_window_translator
from pipelines.inference.style import StyleConditioner, get_style, load_with_style, set_style
from pipelines.inference.style_recordings import StyleRecording, find
from pipelines.inference.window_translator import WindowTranslator
from pipelines.nn.dials import DIALS
from pipelines.nn.translator import save_translator
from pipelines.nn.translator_card import STYLE_FILE
from tests.inference import tiny

RATE = tiny.SPEC.sample_rate
MULTIPLE = tiny.CARD.time_multiple


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Training run of a model with a style encoder."""
    folder = tmp_path_factory.mktemp("styled")
    tiny.trained_styled(folder / "translator")
    return folder


@pytest.fixture(scope="module")
def conditioner(run: Path) -> StyleConditioner:
    return StyleConditioner.from_run(run)


def dark(seconds: float, channels: int = 2) -> np.ndarray:
    """A song without high notes."""
    return np.cumsum(tiny.song(seconds, channels), axis=0).astype(np.float32) / 30


def write(path: Path, samples: np.ndarray) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, samples, RATE, "FLOAT")
    return path


def expected(song: np.ndarray) -> np.ndarray:
    """The style of a song in memory: the mean log-mel of either half of the bands."""
    mono = song.mean(axis=1)
    level = pyloudnorm.Meter(RATE).integrated_loudness(mono)
    mel = log_mel(tiny.SPEC, tf.constant(mono * 10 ** ((-23 - level) / 20), tf.float32)[None]).numpy()
    whole = mel[0, : mel.shape[1] // MULTIPLE * MULTIPLE, :, 0]
    return whole.reshape(-1, 2, tiny.SPEC.n_mels // 2).mean(axis=(0, 2))


@pytest.mark.parametrize("frames", [16, 1024])
def test_windowed_encoding_equals_that_of_the_whole_song(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, frames: int
):
    monkeypatch.setattr(style, "WINDOW_FRAMES", frames)
    monkeypatch.setattr(downmix, "BLOCK_SECONDS", 0.31)
    song = 0.2 * dark(1.7)
    found = StyleConditioner.from_run(run).encode_song(write(tmp_path / "song.wav", song))
    np.testing.assert_allclose(found, expected(song), atol=1e-4)


def test_a_song_is_decoded_once_and_has_the_loudness_of_the_training_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    decoded, blocks = [], downmix.blocks
    monkeypatch.setattr(downmix, "blocks", lambda *rest: decoded.append(1) or blocks(*rest))
    song = 0.02 * np.random.default_rng(0).normal(size=(4 * RATE, 2)).astype(np.float32)
    with style.normalised_downmix(write(tmp_path / "song.wav", song), tiny.SPEC) as (samples, found):
        heard = np.concatenate(list(found))[:, 0]
    assert (samples, len(decoded)) == (len(song), 1)
    loudness = pyloudnorm.Meter(RATE).integrated_loudness(heard.astype(np.float64))
    assert loudness == pytest.approx(TRAINING_LUFS, abs=0.1)


def test_a_song_shorter_than_a_position_has_a_style(conditioner: StyleConditioner, tmp_path: Path):
    found = conditioner.encode_song(write(tmp_path / "song.wav", tiny.song(0.02)))
    assert found.shape == (2,)
    assert -1 < found.max() < 1


def test_every_song_weighs_the_same(conditioner: StyleConditioner, tmp_path: Path):
    write(tmp_path / "songs" / "long.wav", tiny.song(2.0))
    write(tmp_path / "songs" / "live" / "short.wav", dark(0.5))
    found = conditioner.encode(find([tmp_path / "songs"], "--style"))
    np.testing.assert_allclose(found, (expected(tiny.song(2.0)) + expected(dark(0.5))) / 2, atol=1e-4)
    assert np.abs(expected(tiny.song(2.0)) - expected(dark(0.5))).max() > 0.1


def test_a_bad_song_of_a_folder_is_reported_and_the_others_count(
    conditioner: StyleConditioner, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    write(tmp_path / "good.wav", dark(0.6))
    write(tmp_path / "silent.wav", np.zeros((RATE, 2)))
    (tmp_path / "bad.mp3").write_text("these are words")
    found = conditioner.encode(find([tmp_path], "--style"))
    np.testing.assert_allclose(found, conditioner.encode_song(tmp_path / "good.wav"))
    said = capsys.readouterr().err
    assert "silent.wav is silent, and silence has no style" in said
    assert "bad.mp3 is not a readable audio file" in said


def test_recordings_that_cannot_be_used_are_user_errors(conditioner: StyleConditioner, tmp_path: Path):
    silent = write(tmp_path / "silent.wav", np.zeros((RATE, 1)))
    with pytest.raises(UserError, match=r"silent\.wav is silent"):
        conditioner.encode([StyleRecording(silent, required=True)])
    with pytest.raises(UserError, match="not one of 1 songs can be used"):
        conditioner.encode([StyleRecording(silent, required=False)])


@pytest.mark.slow
def test_live_and_exported_translations_have_the_style(run: Path, tmp_path: Path):
    path, song = write(tmp_path / "style.wav", dark(0.6)), tf.constant(tiny.song(0.7))
    plain = translate_waveform(load_window_translator(run), song, DIALS).numpy()
    translator = load_with_style(run, find([path], "--style"))
    np.testing.assert_allclose(get_style(translator), expected(dark(0.6)), atol=1e-4)
    live = translate_waveform(WindowTranslator.from_translator(translator), song, DIALS).numpy()
    export(translator, run / "translator", tmp_path / "export")
    exported = translate_waveform(load_window_translator(tmp_path / "export"), song, DIALS).numpy()
    np.testing.assert_allclose(exported, live, atol=1e-6)
    assert np.abs(live - plain).max() > 0.01


def test_the_style_is_the_latent_of_the_translator(run: Path):
    translator = load_trained(run)
    np.testing.assert_array_equal(get_style(translator), tiny.BAND)
    mel = np.zeros((1, MULTIPLE, tiny.SPEC.n_mels, 1), np.float32)
    set_style(translator, np.array([1.0, -2.0]))
    translated = translator.model(mel)[0, :, :, 0]
    half = tiny.SPEC.n_mels // 2
    np.testing.assert_allclose(translated[:, :half], 0.2, atol=1e-6)
    np.testing.assert_allclose(translated[:, half:], -0.4, atol=1e-6)


def test_models_without_a_style_encoder_are_user_errors(workdir: Path, exported: Path, tmp_path: Path):
    with pytest.raises(UserError, match="was trained without a style encoder: this tiny model"):
        StyleConditioner.from_run(workdir)
    with pytest.raises(UserError, match="is an export, whose style is fixed"):
        StyleConditioner.from_run(exported)
    with pytest.raises(UserError, match="nowhere is not a folder"):
        StyleConditioner.from_run(tmp_path / "nowhere")


def test_a_style_encoder_of_another_model_is_a_user_error(tmp_path: Path):
    mels = keras.Input((None, tiny.SPEC.n_mels, 1))
    other = keras.Model(mels, keras.layers.Dense(3)(keras.layers.Reshape((-1, tiny.SPEC.n_mels))(mels)))
    save_translator(tmp_path / "translator", tiny.styled_network(), tiny.SPEC, tiny.CARD, {STYLE_FILE: other})
    with pytest.raises(
        UserError, match=r"mixes two models .its style encoder maps 64 mel bands to a latent of 3 numbers"
    ):
        StyleConditioner.from_run(tmp_path)
