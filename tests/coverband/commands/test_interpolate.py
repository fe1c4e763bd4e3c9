"""`interpolate`, and --style of `translate` and `export`, run as users run them."""

import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile
import tensorflow as tf

from pipelines.inference.graph_song import translate_waveform
from pipelines.inference.loading import load_window_translator
from pipelines.inference.style import StyleConditioner
from pipelines.inference.style_recordings import StyleRecording
from pipelines.nn.dials import DIALS
from tests import commands
from tests.inference import tiny


def _run(tool: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    return commands.run(f"coverband.commands.{tool}", *arguments)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with a style encoder, a song and a recording with a style."""
    folder = tmp_path_factory.mktemp("tools")
    tiny.trained_styled(folder / "run" / "translator")
    for name, sign in (("song", 1), ("other", -1)):
        sound = np.cumsum(tiny.song(0.6), axis=0) / 30 if sign < 0 else tiny.song(0.6)
        soundfile.write(folder / f"{name}.wav", sound, tiny.SPEC.sample_rate)
    return folder


@pytest.fixture(scope="module")
def between(folder: Path) -> Path:
    """From the other recording's style to the band's."""
    flags = ["--model", folder / "run", "--input", folder / "song.wav", "--first", folder / "other.wav"]
    done = _run("interpolate", *flags, "--steps=2", "--format=flac", "--output", folder / "between")
    assert done.returncode == 0, done.stderr
    return folder / "between"


def _sound(path: Path) -> np.ndarray:
    return soundfile.read(path, dtype="float32")[0]


def _live(model: Path, song: Path) -> np.ndarray:
    return translate_waveform(load_window_translator(model), tf.constant(_sound(song)), DIALS).numpy()


@pytest.mark.slow
def test_the_line_ends_where_translate_plays(folder: Path, between: Path):
    """Its first file is `translate --style`, its last `translate`."""
    names = ["song.0.00.flac", "song.1.00.flac"]
    assert sorted(path.name for path in between.iterdir()) == names
    flags = ["--model", folder / "run", folder / "song.wav", "--style", folder / "other.wav"]
    done = _run("translate", *flags, "--output", folder / "cover.flac")
    assert done.returncode == 0, done.stderr
    np.testing.assert_allclose(_sound(between / names[0]), _sound(folder / "cover.flac"), atol=1e-4)
    first, last = (_sound(between / name) for name in names)
    assert np.abs(first - last).max() > 0.01


@pytest.mark.slow
def test_an_export_is_made_with_a_style(folder: Path):
    done = _run(
        "export", "--model", folder / "run", "--style", folder / "other.wav", "--out", folder / "export"
    )
    assert done.returncode == 0, done.stderr
    conditioner = StyleConditioner.from_run(folder / "run")
    style = conditioner.encode([StyleRecording(folder / "other.wav", required=True)])
    mel = tf.random.stateless_uniform((1, 8, tiny.SPEC.n_mels, 1), [1, 2])
    conditioner.translator.model.get_layer("latent").set_latent(style)
    found = load_window_translator(folder / "export").translate(mel)
    np.testing.assert_allclose(found, conditioner.translator.model(mel), atol=1e-5)
    assert (
        np.abs(
            _live(folder / "export", folder / "song.wav") - _live(folder / "run", folder / "song.wav")
        ).max()
        > 0.01
    )


@pytest.mark.parametrize(
    ("flags", "code", "message"),
    [
        (["--first=nowhere"], 1, "nowhere does not exist: check the name"),
        (["--first=song.wav", "--second=nowhere"], 1, "nowhere does not exist"),
        (["--first=song.wav", "--input=nowhere.wav"], 1, "nowhere.wav is not a file"),
        (["--first=song.wav", "--steps=1"], 2, "--steps"),
        (["--first=song.wav", "--steps=0"], 2, "--steps"),
        ([], 2, "--first is missing"),
    ],
)
def test_a_mistake_is_one_sentence(
    folder: Path, monkeypatch: pytest.MonkeyPatch, flags: list[str], code: int, message: str
):
    monkeypatch.chdir(folder)
    done = _run("interpolate", "--model=run", "--input=song.wav", "--output=out", *flags)
    assert done.returncode == code
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
