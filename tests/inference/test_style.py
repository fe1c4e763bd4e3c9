"""Styles of recordings: what is heard, and what plays with them."""

from pathlib import Path

import keras
import numpy as np
import pyloudnorm
import pytest
import soundfile
import tensorflow as tf

from pipelines.audio.features import log_mel
from pipelines.errors import UserError
from pipelines.inference import downmix as mono
from pipelines.inference import style
from pipelines.inference.export import cover_song, export, maker_of
from pipelines.inference.loading import load_maker, load_trained
from pipelines.inference.style import Stylist, style_of, styled, with_style
from pipelines.inference.style_recordings import Example, find
from pipelines.nn.translator import STYLE_FILE, save_translator
from tests.inference import tiny

RATE = tiny.SPEC.sample_rate
MULTIPLE = tiny.CARD.time_multiple


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A training run of a model that hears styles."""
    folder = tmp_path_factory.mktemp("styled")
    tiny.trained_styled(folder / "translator")
    return folder


@pytest.fixture(scope="module")
def stylist(run: Path) -> Stylist:
    return Stylist.load(run)


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
def test_a_song_window_by_window_is_heard_as_a_whole(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, frames: int
):
    monkeypatch.setattr(style, "WINDOW_FRAMES", frames)
    monkeypatch.setattr(mono, "BLOCK_SECONDS", 0.31)
    song = 0.2 * dark(1.7)
    found = Stylist.load(run).song_style(write(tmp_path / "song.wav", song))
    np.testing.assert_allclose(found, expected(song), atol=1e-4)


def test_what_is_shorter_than_a_position_has_a_style(stylist: Stylist, tmp_path: Path):
    found = stylist.song_style(write(tmp_path / "song.wav", tiny.song(0.02)))
    assert found.shape == (2,)
    assert -1 < found.max() < 1


def test_every_song_weighs_the_same(stylist: Stylist, tmp_path: Path):
    write(tmp_path / "songs" / "long.wav", tiny.song(2.0))
    write(tmp_path / "songs" / "live" / "short.wav", dark(0.5))
    found = stylist.style(find([tmp_path / "songs"], "--style"))
    np.testing.assert_allclose(found, (expected(tiny.song(2.0)) + expected(dark(0.5))) / 2, atol=1e-4)
    assert np.abs(expected(tiny.song(2.0)) - expected(dark(0.5))).max() > 0.1


def test_a_bad_song_of_a_folder_is_reported_and_the_others_count(
    stylist: Stylist, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    write(tmp_path / "good.wav", dark(0.6))
    write(tmp_path / "silent.wav", np.zeros((RATE, 2)))
    (tmp_path / "bad.mp3").write_text("these are words")
    found = stylist.style(find([tmp_path], "--style"))
    np.testing.assert_allclose(found, stylist.song_style(tmp_path / "good.wav"))
    said = capsys.readouterr().err
    assert "silent.wav is silent, and silence has no style" in said
    assert "bad.mp3 is not a readable audio file" in said


def test_a_bad_song_that_was_named_and_a_folder_of_bad_ones_are_mistakes(stylist: Stylist, tmp_path: Path):
    silent = write(tmp_path / "silent.wav", np.zeros((RATE, 1)))
    with pytest.raises(UserError, match=r"silent\.wav is silent"):
        stylist.style([Example(silent, named=True)])
    with pytest.raises(UserError, match="not one of 1 songs can be used"):
        stylist.style([Example(silent, named=False)])


def test_live_and_export_play_with_the_style(run: Path, tmp_path: Path):
    path, song = write(tmp_path / "style.wav", dark(0.6)), tf.constant(tiny.song(0.7))
    plain = cover_song(load_maker(run), song, tf.constant(1.0)).numpy()
    translator = styled(run, find([path], "--style"))
    np.testing.assert_allclose(style_of(translator), expected(dark(0.6)), atol=1e-4)
    live = cover_song(maker_of(translator), song, tf.constant(1.0)).numpy()
    export(translator, run / "translator", tmp_path / "export")
    exported = cover_song(load_maker(tmp_path / "export"), song, tf.constant(1.0)).numpy()
    np.testing.assert_allclose(exported, live, atol=1e-6)
    assert np.abs(live - plain).max() > 0.01


def test_a_style_is_the_latent_that_plays(run: Path):
    translator = load_trained(run)
    np.testing.assert_array_equal(style_of(translator), tiny.BAND)
    mel = np.zeros((1, MULTIPLE, tiny.SPEC.n_mels, 1), np.float32)
    played = with_style(translator, np.array([1.0, -2.0])).model(mel)[0, :, :, 0]
    half = tiny.SPEC.n_mels // 2
    np.testing.assert_allclose(played[:, :half], 0.2, atol=1e-6)
    np.testing.assert_allclose(played[:, half:], -0.4, atol=1e-6)


def test_models_that_hear_no_styles_are_refused(workdir: Path, exported: Path, tmp_path: Path):
    with pytest.raises(UserError, match="was trained without a style encoder: this tiny model"):
        Stylist.load(workdir)
    with pytest.raises(UserError, match="is an export, which plays with the style that it was exported with"):
        Stylist.load(exported)
    with pytest.raises(UserError, match="nowhere is not a folder"):
        Stylist.load(tmp_path / "nowhere")


def test_a_style_encoder_of_another_model_is_refused(tmp_path: Path):
    mels = keras.Input((None, tiny.SPEC.n_mels, 1))
    other = keras.Model(mels, keras.layers.Dense(3)(keras.layers.Reshape((-1, tiny.SPEC.n_mels))(mels)))
    save_translator(tmp_path / "translator", tiny.styled_network(), tiny.SPEC, tiny.CARD, {STYLE_FILE: other})
    with pytest.raises(
        UserError, match=r"mixes two models .its style encoder makes 3 numbers of 64 mel bands"
    ):
        Stylist.load(tmp_path)
