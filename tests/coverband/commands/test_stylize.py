"""The binary `stylize`, run as users run it, and what it makes of its flags."""

import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile

from pipelines.audio import files
from pipelines.errors import UserError
from styletransfer import job
from styletransfer.presets import PRESETS
from tests import commands
from tests.styletransfer import tiny

SETTINGS = {"alpha": None, "iterations": None, "seed": 0}


def _run(*arguments: object) -> subprocess.CompletedProcess[str]:
    return commands.run("coverband.cli", "stylize", *arguments)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A song, a folder of the band's, silence, a snippet, and a text that is called a song."""
    folder = tmp_path_factory.mktemp("stylize")
    (folder / "band").mkdir()
    (folder / "empty").mkdir()
    soundfile.write(folder / "song.flac", tiny.clip(tiny.CONTENT, 1.6), 8000)
    soundfile.write(folder / "band" / "one.wav", tiny.clip(tiny.STYLE, 1.5), 8000)
    soundfile.write(folder / "silence.wav", np.zeros(16000), 8000)
    soundfile.write(folder / "snippet.wav", tiny.clip(tiny.CONTENT, 0.1), 8000)
    (folder / "text.flac").write_text("this is no music\n" * 20)
    return folder


def test_a_song_is_played_with_the_sound_of_a_folder(folder: Path):
    target = folder / "mix.ogg"
    done = _run(
        *("--content", folder / "song.flac", "--style", folder / "band", "--output", target),
        *("--method", "musaic", "--iterations", 2, "--sample_rate", 8000),
    )
    assert done.returncode == 0, done.stderr
    assert "s of music in" in done.stderr
    assert files.read(target, 8000).shape == (12800, 2)
    assert not list(folder.glob(".*"))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"content": "nowhere.mp3"}, "nowhere.mp3 is not a file"),
        ({"style": "nowhere.mp3"}, "nowhere.mp3 is not a file"),
        ({"content": "text.flac"}, "text.flac is not a readable audio file"),
        ({"content": "band"}, "band is not a file"),
        ({"output": "mix.xyz"}, "mix.xyz has no known audio suffix"),
        ({"output": "song.flac"}, "song.flac would replace the recording that it is made of"),
        ({"output": "band/one.wav"}, "one.wav would replace the recording that it is made of"),
        ({"output": "text.flac/mix.wav"}, "text.flac is no folder: name another with --output"),
        ({"style": "empty"}, "empty is an empty folder"),
        ({"style": "silence.wav"}, "silence.wav is silent"),
        ({"content": "snippet.wav"}, "snippet.wav is too short"),
    ],
)
def test_a_mistake_is_one_sentence(folder: Path, changes: dict[str, str], message: str):
    names = {"content": "song.flac", "style": "band", "output": "mistake.wav"} | changes
    paths = [folder / name for name in names.values()]
    with pytest.raises(UserError, match=message):
        job.stylise(job.configured("merge", None, SETTINGS, 8000), *paths)
    assert not (folder / "mistake.wav").exists()


def test_a_mistake_reaches_the_user_without_a_traceback(folder: Path):
    done = _run(
        "--content", folder / "song.flac", "--style", folder / "text.flac", "--output", folder / "no.wav"
    )
    assert done.returncode == 1
    assert "text.flac is not a readable audio file" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_a_preset_names_itself_and_its_method(name: str):
    config = job.configured(None, name, SETTINGS, 22050)
    assert config.preset == name
    assert (config.spec.sample_rate, config.spec.fmax) == (22050, 11025)
    assert job.configured(config.method, name, SETTINGS, 22050) == config


def test_flags_replace_what_a_preset_says():
    config = job.configured(None, None, {"alpha": 0.5, "iterations": 7, "seed": 3}, 44100)
    assert (config.preset, config.alpha, config.iterations, config.seed) == ("deepmix", 0.5, 7, 3)
    assert job.configured("musaic", None, SETTINGS, 44100).iterations == 20


@pytest.mark.parametrize(
    ("method", "preset", "changes", "message"),
    [
        ("merge", "style_only", {}, "style_only is one of deepmix, not of merge"),
        ("merge", None, {"iterations": 5}, "merge has no iterations"),
        ("musaic", None, {"alpha": 1.5}, "share of the content in musaic: at most 1"),
    ],
)
def test_flags_that_do_not_fit_each_other(method, preset, changes, message):
    with pytest.raises(UserError, match=message):
        job.configured(method, preset, SETTINGS | changes, 44100)
