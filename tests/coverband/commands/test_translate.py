"""The binaries `translate` and `export`, run as users run them."""

import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests import commands
from tests.inference import tiny
from tests.stems import separable
from tests.stems import songs as stem_songs


def _run(tool: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    return commands.run(f"coverband.commands.{tool}", *arguments)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run, songs and noise."""
    folder = tmp_path_factory.mktemp("tools")
    tiny.trained(folder / "run" / "translator")
    (folder / "songs").mkdir()
    for name in ("song.wav", "songs/a.wav", "songs/b.wav"):
        soundfile.write(folder / name, tiny.song(0.8), tiny.SPEC.sample_rate)
    noise = np.random.default_rng(0).normal(scale=0.1, size=(15_000, 1))
    soundfile.write(folder / "noise.wav", noise, tiny.SPEC.sample_rate)
    return folder


@pytest.mark.slow
def test_export_then_translate_with_the_export(folder: Path):
    done = _run("export", "--model", folder / "run", "--out", folder / "saved_model")
    assert done.returncode == 0, done.stderr
    done = _run(
        "translate", "--model", folder / "saved_model", folder / "song.wav", "--output", folder / "covers"
    )
    assert done.returncode == 0, done.stderr
    assert "x real time" in done.stderr
    assert soundfile.info(folder / "covers" / "song.wav").frames == soundfile.info(folder / "song.wav").frames


def test_the_singer_stays(folder: Path):
    singer, rest = stem_songs.voice(2.0), stem_songs.accompaniment(2.0)
    stem_songs.write(folder / "mix.wav", singer + rest)
    stem_songs.write(folder / "singer.wav", singer)
    song = ["--model", folder / "run", folder / "mix.wav", "--output", folder / "sung.wav"]
    done = _run("translate", *song, "--vocals", folder / "singer.wav", "--vocals_level", "1.5")
    assert done.returncode == 0, done.stderr
    assert "; stem shifted by +0.0000 s and +0." in done.stderr
    cover, _ = soundfile.read(folder / "sung.wav")
    assert np.corrcoef(cover[:, 0], singer[:, 0])[0, 1] > 0.5


def test_the_singer_is_separated(tmp_path: Path, folder: Path):
    song = separable.write_song(tmp_path, "mix")
    arguments = ["--model", folder / "run", song, "--output", tmp_path / "covers", "--vocals", "auto"]
    done = _run("translate", *arguments, "--separator", separable.command("audio-separator"))
    assert done.returncode == 0, done.stderr
    assert "Separating mix.wav by python" in done.stderr
    assert "; stem shifted by +0.0000 s and +0." in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (
            ["--input", "song.wav", "--output", "cover.wav", "--model", "nowhere"],
            1,
            "nowhere is not a folder",
        ),
        (["--input", "song.wav", "--output", "cover.xyz", "--model", "run"], 1, "no known audio suffix"),
        (
            ["--input", "song.wav", "--output", "cover.wav"],
            1,
            "name a --model, or with --style the recordings",
        ),
        (["--output", "c.wav", "--model", "run", "--strength", "1.5"], 2, "--strength"),
        (["--output", "c.wav", "--model", "run", "--closeness", "-1"], 2, "--closeness"),
        (
            ["--output", "c.wav", "--model", "run", "song.wav", "--closeness", "0.2"],
            1,
            "run has no dial of closeness",
        ),
        (
            ["--output", "c.wav", "--model", "run", "song.wav", "--style", "nowhere"],
            1,
            "nowhere does not exist",
        ),
        (["--output", "c.wav", "--model", "run", "sonk.wav"], 1, "does not exist: did you mean 'song.wav'?"),
        (["--output", "song.wav/c", "--model", "run", "song.wav"], 1, "song.wav is no folder: name another"),
        (
            [
                "--output",
                "c.wav",
                "--model",
                "run",
                "song.wav",
                "--vocals",
                "a.wav",
                "--instrumental",
                "b.wav",
            ],
            1,
            "--vocals and --instrumental are two names of one division: name one of the stems",
        ),
        (
            ["--output", "c.wav", "--model", "run", "song.wav", "--vocals_level", "3"],
            1,
            "--vocals_level needs the singer alone",
        ),
        (
            ["--output", "c.wav", "--model", "run", "song.wav", "--vocals", "auto"],
            1,
            "--vocals auto needs a program that separates songs: name one with --separator",
        ),
        (
            ["--output", "c.wav", "--model", "run", "song.wav", "--separator", "python {song} {output}"],
            1,
            "--separator and --separator_timeout are for --vocals auto",
        ),
        (
            ["--output", "c.wav", "--model", "run", "song.wav", "--instrumental", "auto"],
            1,
            "use --vocals auto",
        ),
        (
            ["--output", "covers", "--model", "run", "songs", "--vocals", "song.wav"],
            1,
            "--vocals is of one song, but several",
        ),
        (
            ["--output", "c.wav", "--model", "run", "song.wav", "--vocals", "sonk.wav"],
            1,
            "sonk.wav does not exist: did you mean 'song.wav'?",
        ),
        (
            ["--output", "c.wav", "--model", "run", "song.wav", "--vocals", "noise.wav"],
            1,
            "noise.wav is no part of song.wav",
        ),
    ],
)
def test_a_mistake_is_one_sentence(folder: Path, arguments: list[str], code: int, message: str):
    done = commands.run("coverband.commands.translate", *arguments, folder=folder)
    assert done.returncode == code
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
