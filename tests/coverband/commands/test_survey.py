"""The binary, and prepare with it, run as users run them."""

import json
import os

import numpy as np
import pytest

from tests import commands
from tests.data.survey.sounds import RATE, music, write


@pytest.fixture
def folders(tmp_path):
    write(tmp_path / "content/one.wav", music(1, 5.0))
    write(tmp_path / "content/two.mp3", music(2, 5.0), format="MP3", subtype="MPEG_LAYER_III")
    write(tmp_path / "content/taken.flac", 0.5 * music(3, 5.0))
    write(tmp_path / "band/three.wav", music(3, 5.0))
    write(tmp_path / "band/four.wav", music(4, 5.0))
    write(tmp_path / "band/rests.wav", np.concatenate([music(5, 2.0), np.zeros(6 * RATE, np.float32)]))
    return tmp_path


def _run(folders, module, *arguments):
    settings = {**os.environ, "XDG_CACHE_HOME": str(folders / "cache")}
    songs = ["--content", folders / "content", "--band", folders / "band"]
    return commands.run(module, *songs, *arguments, environment=settings)


@pytest.mark.slow
def test_survey_then_prepare_without_what_it_found(folders):
    (folders / "band/broken.ogg").write_bytes(b"no song" * 50)
    before = {path: path.read_bytes() for side in ("content", "band") for path in (folders / side).iterdir()}
    done = _run(
        folders,
        "coverband.commands.survey",
        "--json",
        folders / "s.json",
        "--html",
        folders / "s.html",
        "--jobs",
        1,
    )
    assert done.returncode == 0, done.stderr
    assert "content/taken.flac is the same recording as band/three.wav" in done.stdout
    assert "band/rests.wav is silent for" in done.stdout
    assert "band/broken.ogg is not a readable audio file" in done.stdout
    assert "cyclegan_tiny" in done.stdout
    assert len(json.loads((folders / "s.json").read_text())["songs"]) == 6
    assert (folders / "s.html").read_text().startswith("<!DOCTYPE html>")

    done = _run(
        folders,
        "coverband.commands.prepare",
        "--out",
        folders / "out",
        "--drop",
        "duplicates,silence",
        "--jobs",
        1,
    )
    assert done.returncode == 0, done.stderr
    assert "6 of 7 songs were measured by an earlier run" in done.stderr
    assert (
        f"left out: {folders / 'content/taken.flac'} is the same recording as band/three.wav" in done.stderr
    )
    domains = json.loads((folders / "out/manifest.json").read_text())["domains"]
    assert [song["name"] for song in domains["content"]["songs"]] == ["one.wav", "two.mp3"]
    assert [song["name"] for song in domains["band"]["songs"]] == ["four.wav", "three.wav"]
    assert [item["file"] for item in domains["band"]["skipped"]] == ["broken.ogg", "rests.wav"]
    assert "taken.flac" not in done.stdout
    after = {path: path.read_bytes() for side in ("content", "band") for path in (folders / side).iterdir()}
    assert after == before


@pytest.mark.parametrize(
    ("module", "arguments", "sentence"),
    [
        (
            "coverband.commands.prepare",
            ["--out", "out", "--drop", "noise"],
            "--drop noise is not known: choose from duplicates",
        ),
        ("coverband.commands.survey", ["--json", "nowhere/s.json"], "nowhere/s.json cannot be written"),
        ("coverband.commands.survey", ["--band", "nowhere"], "nowhere does not exist"),
    ],
)
def test_mistakes_are_one_sentence(folders, module, arguments, sentence):
    done = _run(folders, module, *arguments)
    assert done.returncode == 1
    assert done.stderr.startswith(f"coverband: {sentence}")
    assert done.stderr.count("\n") == 1
