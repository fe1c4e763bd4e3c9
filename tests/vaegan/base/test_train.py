"""The command, and a band's training and cover that start from what it made."""

import json

import pytest

from tests import commands
from tests.transcriber import scenes
from tests.vaegan.base import tiny
from transcriber.transcription_data import CATALOGUE
from vaegan.base import checkpoint

pytestmark = pytest.mark.slow

EXCERPTS = {"low": "tune", "slow": "tune", "first": "other", "second": "other"}
SMALL = [
    f"--set={group}.{key}={value}"
    for group, each in {**tiny.SIZES, "data": {"frames": 32, "batch_size": 2}}.items()
    for key, value in each.items()
]
"""Without the small spec: the shipped transcriber has the usual one."""


def run(*line):
    done = commands.run("vaegan.base.train", *line)
    return done.returncode, done.stderr


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("base")
    for name in ("twins", "alone"):
        scenes.write_folder(folder / name)
    entries = [{**each, "excerpt": EXCERPTS.get(each["name"], each["name"])} for each in scenes.entries()]
    (folder / "twins" / CATALOGUE).write_text(json.dumps(entries))
    return folder


@pytest.fixture(scope="module")
def trained(folder):
    run_folder = f"--workdir={folder / 'run'}"
    return run(f"--data={folder / 'twins'}", run_folder, "--steps=2", *SMALL)


def test_it_trains_and_goes_on(folder, trained):
    code, output = trained
    assert code == 0, output
    assert "2 steps done; start a band's training from it with coverband train vaegan" in output
    assert checkpoint.facts(folder / "run/base.npz") == {"preset": "base_tiny", "steps": 2}
    code, output = run(f"--data={folder / 'twins'}", f"--workdir={folder / 'run'}", "--resume", "--steps=3")
    assert code == 0, output
    assert checkpoint.facts(folder / "run/base.npz")["steps"] == 3


def test_it_starts_from_another(folder, trained):
    start = f"--init={folder / 'run/base.npz'}"
    code, output = run(
        f"--data={folder / 'twins'}", f"--workdir={folder / 'next'}", start, "--steps=1", *SMALL
    )
    assert code == 0, output
    code, output = run(f"--data={folder / 'twins'}", f"--workdir={folder / 'large'}", start, "--steps=1")
    assert code == 1
    assert "base.npz has another encoder than the model" in output


def test_recordings_without_twins_are_refused(folder):
    code, output = run(f"--data={folder / 'alone'}", f"--workdir={folder / 'refused'}", "--steps=1", *SMALL)
    assert code == 1
    assert output.splitlines()[-1].endswith("render it with --ensembles 2")
