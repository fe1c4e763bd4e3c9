"""The binaries `translate` and `export`, run as users run them."""

import subprocess
from pathlib import Path

import pytest
import soundfile

from tests import commands
from tests.inference import tiny


def _run(tool: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    return commands.run(f"coverband.commands.{tool}", *arguments)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run and a song."""
    folder = tmp_path_factory.mktemp("tools")
    tiny.trained(folder / "run" / "translator")
    soundfile.write(folder / "song.wav", tiny.song(0.8), tiny.SPEC.sample_rate)
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


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (
            ["--input", "song.wav", "--output", "cover.wav", "--model", "nowhere"],
            1,
            "nowhere is not a folder",
        ),
        (["--input", "song.wav", "--output", "cover.xyz", "--model", "run"], 1, "no known audio suffix"),
        (["--input", "song.wav", "--output", "cover.wav"], 2, "--model is missing"),
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
    ],
)
def test_a_mistake_is_one_sentence(folder: Path, arguments: list[str], code: int, message: str):
    done = commands.run("coverband.commands.translate", *arguments, folder=folder)
    assert done.returncode == code
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
