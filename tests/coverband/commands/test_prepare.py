"""The binary, run as users run it, at the default spec."""

import json
import subprocess
import sys

import numpy as np
import pytest
import soundfile

from tests import commands


def _prepare(*arguments):
    return commands.run("coverband.commands.prepare", "--nosurvey", "--jobs", 1, *arguments)


@pytest.fixture
def folders(tmp_path):
    time = np.arange(44100 * 7) / 44100
    for domain, hertz in (("content", 440), ("band", 660)):
        (tmp_path / domain).mkdir()
        soundfile.write(tmp_path / domain / "song.ogg", 0.1 * np.sin(2 * np.pi * hertz * time), 44100)
    return tmp_path


def test_end_to_end(folders):
    done = _prepare("--content", folders / "content", "--band", folders / "band", "--out", folders / "out")
    assert done.returncode == 0, done.stderr
    assert "band     all           1      0.1" in done.stdout
    assert "warning: band has only one song" in done.stderr
    manifest = json.loads((folders / "out/manifest.json").read_text())
    assert manifest["domains"]["band"]["songs"][0]["segments"] == 2
    assert manifest["settings"]["spec"]["sample_rate"] == 44100


def test_augmented_copies_of_the_band(folders):
    arguments = ["--content", folders / "content", "--band", folders / "band", "--out", folders / "out"]
    done = _prepare(*arguments, "--augment_band", 2, "--augment_semitones", 2, "--augment_tempo", 0)
    assert done.returncode == 0, done.stderr
    assert "band     copies        2      0.2" in done.stdout
    manifest = json.loads((folders / "out/manifest.json").read_text())
    copies = manifest["domains"]["band"]["variants"]
    assert [copy["tempo"] for copy in copies] == [1.0, 1.0]
    assert 0 < max(abs(copy["semitones"]) for copy in copies) <= 2
    assert manifest["domains"]["content"]["variants"] == []


def test_the_spec_follows_the_flags_and_stays(folders):
    arguments = ["--content", folders / "content", "--band", folders / "band", "--out", folders / "out"]
    coarse = ["--sample_rate=22050", "--n_fft=1024", "--hop_length=256", "--n_mels=80", "--fmin=30"]
    done = _prepare(*arguments, *coarse)
    assert done.returncode == 0, done.stderr
    spec = json.loads((folders / "out/audio_spec.json").read_text())
    assert spec | {"sample_rate": 22050, "n_fft": 1024, "hop_length": 256, "n_mels": 80} == spec
    assert (spec["fmin"], spec["fmax"]) == (30.0, 11025.0)
    other = _prepare(*arguments, *coarse[:3], "--n_mels=64", "--fmin=30")
    assert other.returncode == 1
    assert "other settings (n_mels 80 against 64): choose another --out" in other.stderr
    assert other.stderr.count("\n") == 1


def test_an_impossible_spec_is_one_sentence(folders):
    done = _prepare("--content", folders, "--band", folders, "--out", folders / "out", "--fmax", 30000)
    assert done.returncode == 1
    assert done.stderr.startswith("coverband: fmin 0 and fmax 30000 have to lie")
    assert not (folders / "out").exists()


def test_an_empty_folder_is_one_sentence(folders):
    (folders / "empty").mkdir()
    done = _prepare("--content", folders / "empty", "--band", folders / "band", "--out", folders / "out")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "empty is an empty folder" in done.stderr


def test_a_runner_that_is_not_known_is_one_sentence(folders):
    arguments = ["--content", folders / "content", "--band", folders / "band", "--out", folders / "out"]
    done = _prepare(*arguments, "--runner", "NoRunner")
    assert done.returncode == 1
    assert done.stderr.startswith("coverband: --runner NoRunner is not known")
    assert done.stderr.count("\n") == 1
    assert not (folders / "out").exists()


def test_options_of_beam_without_a_runner(folders):
    done = _prepare(
        "--content", folders, "--band", folders, "--out", folders / "out", "--beam", "parallelism=2"
    )
    assert done.returncode == 1
    assert done.stderr == "coverband: --beam parallelism=2 is for a --runner: give one\n"


def test_workers_start_without_tensorflow():
    code = "import sys, pipelines.data.preparation; sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=60, check=False).returncode == 0
