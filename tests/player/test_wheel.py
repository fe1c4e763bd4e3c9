"""The player's wheel in an environment without anything else."""

import shutil
import subprocess
import sys
import venv
from pathlib import Path

import numpy as np
import pytest
import soundfile

from pipelines.inference.onnx_export import export_onnx
from tests import commands
from tests.inference import tiny
from tests.stems import songs as stem_songs

pytest.importorskip("onnxruntime")
pytest.importorskip("tf2onnx")

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    export_onnx(tiny.trained_noisy(folder / "translator"), folder / "translator", folder / "onnx")
    return folder / "onnx"


@pytest.fixture(scope="module")
def player(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Program of the installed wheel."""
    folder = tmp_path_factory.mktemp("player")
    for name in ("player", "pipelines"):  # a build leaves files beside its sources
        shutil.copytree(ROOT / name, folder / name)
    pip = ["-m", "pip", "--quiet", "--disable-pip-version-check"]
    build = [sys.executable, *pip, "wheel", "--no-deps", "--wheel-dir", folder, folder / "player"]
    subprocess.run(build, check=True)
    venv.create(folder / "venv", with_pip=True)
    programs = folder / "venv" / "bin"
    (wheel,) = folder.glob("coverband_player-*.whl")
    subprocess.run([programs / "python", *pip, "install", "-c", ROOT / "constraints.txt", wheel], check=True)
    return programs / "coverband-player"


def run(player: Path, *arguments: object, folder: Path) -> subprocess.CompletedProcess[str]:
    line = [str(player), *map(str, arguments)]
    return subprocess.run(line, capture_output=True, text=True, cwd=folder, env={}, check=False)


@pytest.mark.slow
@pytest.mark.parametrize("flags", [[], ["--strength=0.5", "--vocals=singer.wav"]])
def test_a_cover_is_that_of_coverband(player: Path, model: Path, tmp_path: Path, flags: list[str]):
    rate = tiny.SPEC.sample_rate
    singer = stem_songs.voice(2.5)
    soundfile.write(tmp_path / "song.wav", stem_songs.accompaniment(2.5) + singer, rate)
    soundfile.write(tmp_path / "singer.wav", singer, rate)
    done = run(player, model, "song.wav", "played.wav", *flags, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    names = ["--input", "song.wav", "--output", "translated.wav"]
    chosen = ["--model", model, "--runtime", "onnx", *flags]
    done = commands.run("coverband.commands.translate", *chosen, *names, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    played, translated = (soundfile.read(tmp_path / f"{each}.wav")[0] for each in ("played", "translated"))
    assert np.abs(played).max() > 0.01
    np.testing.assert_allclose(played, translated, atol=1e-4)


@pytest.mark.slow
def test_nothing_else_is_installed(player: Path):
    site = next((player.parents[1] / "lib").glob("python*/site-packages"))
    installed = {path.name for path in site.iterdir()}
    assert {"numpy", "scipy", "onnxruntime", "av", "pipelines"} <= installed
    assert not installed & {"tensorflow", "keras", "librosa", "matplotlib", "sklearn", "coverband"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["model"],
            "name the model, a song and the file of the cover: coverband-player model/ song.mp3 cover.wav",
        ),
        (["nowhere", "song.wav", "cover.wav"], "nowhere is no exported model of Coverband"),
        (["model", "nowhere.wav", "cover.wav"], "nowhere.wav does not exist"),
        (["model", "song.wav", "cover.wav", "--vocals=auto"], "--vocals auto needs `coverband translate`"),
    ],
)
def test_a_mistake_is_one_sentence(player: Path, tmp_path: Path, arguments: list[str], sentence: str):
    (tmp_path / "song.wav").touch()
    done = run(player, *arguments, folder=tmp_path)
    assert done.returncode == 1
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1
