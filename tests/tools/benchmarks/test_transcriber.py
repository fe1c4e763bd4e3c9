"""`python -m tools benchmark transcriber` as a command."""

import dataclasses
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from pipelines.evaluation import baselines
from pipelines.metrics.notes_file import write_performance
from tests import commands
from tests.transcriber import scenes
from tools.benchmarks.attenuation import attenuated
from tools.benchmarks.transcriber import agreement_of_twins
from transcriber import checkpoint, songs
from transcriber.networks import build_network
from transcriber.note_events import notes_of
from transcriber.piano_roll import Roll
from transcriber.transcriber import Transcriber


def test_an_attenuated_log_mel_is_that_of_the_attenuated_recording():
    spec, sound = scenes.SPEC, scenes.sound(*scenes.score_of("low"), 0.9)
    quieter = baselines.log_mel(spec, sound * np.float32(10 ** (-6 / 20)))
    np.testing.assert_allclose(attenuated(spec, baselines.log_mel(spec, sound), -6), quieter, atol=1e-5)


def test_twins_are_compared_with_each_other_and_with_no_one_else():
    def roll(pitch):
        sounding = np.zeros((4, 88), np.float32)
        sounding[:, pitch] = 1
        return Roll(sounding, sounding, sounding[:, :3])

    low = scenes.example("low")
    names = ["a", "a", "b", "c", "c"]
    examples = [
        dataclasses.replace(low, recording=dataclasses.replace(low.recording, excerpt=name)) for name in names
    ]
    (row,) = agreement_of_twins(examples, [roll(pitch) for pitch in (1, 1, 1, 2, 3)])
    assert row.split()[-3:] == ["0.500", "2", "pairs"]
    assert agreement_of_twins(examples[1:3], [roll(1), roll(1)]) == []


def _run(*arguments: object) -> subprocess.CompletedProcess[str]:
    return commands.run("tools.benchmarks.transcriber", *arguments)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Transcription data and an untrained transcriber."""
    folder = tmp_path_factory.mktemp("transcriber")
    scenes.write_folder(folder / "data")
    network = scenes.config().network
    checkpoint.save(
        folder / "transcriber.npz", Transcriber(build_network(network, scenes.SPEC), network, scenes.SPEC), {}
    )
    return folder


@pytest.mark.slow
def test_accuracy_of_the_transcriber_and_of_another_program(folder, tmp_path):
    (tmp_path / "perfect").mkdir()
    for notes in (folder / "data").rglob("*.mid"):
        shutil.copy(notes, tmp_path / "perfect")
    done = _run(
        "--data", folder / "data", "--transcriber", folder / "transcriber.npz", "--transcriptions",
        f"perfect={tmp_path / 'perfect'}",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    rows = {line.split()[0]: line.split()[1:] for line in done.stdout.splitlines()[2:]}
    assert [float(value) for value in rows["perfect"]] == [1, 1, 1]
    assert all(0 <= float(value) < 0.5 for value in rows["transcriber"][:3])


@pytest.mark.slow
def test_agreement_with_another_program_on_songs_without_scores(folder, tmp_path):
    transcriber = Transcriber(scenes.network(), scenes.config().network, scenes.SPEC)
    checkpoint.save(tmp_path / "transcriber.npz", transcriber, {})
    (song,) = (folder / "data").rglob("slow.*[!d]")
    (tmp_path / "songs").mkdir()
    shutil.copy(song, tmp_path / "songs")
    ours = notes_of(transcriber.spec, songs.transcribe(transcriber, song).posteriors)
    for label, notes in (("same", ours), ("other", np.add(ours, [0, 0, 1]))):
        (tmp_path / label).mkdir()
        write_performance(tmp_path / label / "slow.mid", notes, np.zeros((0, 3)))
    labels = [f"--transcriptions={label}={tmp_path / label}" for label in ("same", "other")]
    done = _run("--recordings", tmp_path / "songs", "--transcriber", tmp_path / "transcriber.npz", *labels)
    assert done.returncode == 0, done.stderr
    rows = [[float(cell) for cell in line.split()] for line in done.stdout.splitlines()[3::2]]
    assert rows[0][1:4] == [pytest.approx(1, abs=0.01), len(ours), len(ours)]
    assert rows[0][4] == rows[1][4] > 0
    assert rows[1][1] < 0.5
    # Frames compare the posteriors, not the notes.
    assert rows[0][0] > 1.2 * rows[1][0]
    assert len(ours) > 3


@pytest.mark.slow
def test_notes_of_recordings_without_pitches_are_counted(folder, tmp_path):
    transcriber = Transcriber(scenes.network(), scenes.config().network, scenes.SPEC)
    checkpoint.save(tmp_path / "transcriber.npz", transcriber, {})
    (song,) = (folder / "data").rglob("slow.*[!d]")
    (tmp_path / "drums").mkdir()
    shutil.copy(song, tmp_path / "drums")
    roll = songs.transcribe(transcriber, song).posteriors
    minutes = len(roll.sounding) / scenes.SPEC.frame_rate / 60
    done = _run("--unpitched", tmp_path / "drums", "--transcriber", tmp_path / "transcriber.npz")
    assert done.returncode == 0, done.stderr
    name, number = done.stdout.splitlines()[-1].split()
    assert name == song.name
    assert float(number) == pytest.approx(len(notes_of(scenes.SPEC, roll)) / minutes, rel=0.01)


@pytest.mark.slow
def test_missing_data_is_a_user_error(folder):
    done = _run("--transcriber", folder / "transcriber.npz")
    assert done.returncode == 1
    assert done.stderr == "coverband: name --data, --pairs, --recordings or --unpitched\n"
