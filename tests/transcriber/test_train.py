"""The command, in processes of its own."""

import json
import shutil

import pytest

from tests import commands
from tests.transcriber import scenes
from transcriber import checkpoint
from transcriber.transcription_data import CATALOGUE

pytestmark = pytest.mark.slow

SETTINGS = {
    "spec": {"sample_rate": 16000, "n_fft": 512, "hop_length": 128, "n_mels": 32, "fmax": 8000.0},
    "network": scenes.NETWORK | {"harmonics": "1,2,3", "dilations": "1"},
    "data": {"frames": scenes.FRAMES, "batch_size": 2},
}
SMALL = [f"--set={group}.{key}={value}" for group, each in SETTINGS.items() for key, value in each.items()]


def run(*lines):
    """Output on stderr of each command line, and their exit codes."""
    done = [commands.run("transcriber.train", *line) for line in lines]
    return [each.stderr for each in done], [each.returncode for each in done]


@pytest.fixture(scope="module")
def trained(decoded, tmp_path_factory):
    """(workdir, messages, exit codes) of a run, of the one that goes on, and of refusals."""
    folder = tmp_path_factory.mktemp("train")
    shutil.copytree(decoded, folder / "transcription_data", copy_function=shutil.copy2)
    (folder / "transcription_data/noise.wav").write_bytes(b"no music")
    shutil.copy(folder / "transcription_data/low.mid", folder / "transcription_data/noise.mid")
    broken = {"name": "noise", "split": "train", "audio": "noise.wav", "notes": "noise.mid"}
    (folder / "transcription_data" / CATALOGUE).write_text(json.dumps([*scenes.entries(), broken]))
    data, workdir = f"--data={folder / 'transcription_data'}", f"--workdir={folder / 'run'}"
    output, codes = run(
        [data, workdir, "--steps=2", *SMALL],
        [data, workdir, "--steps=3", "--resume"],
        [data, workdir, "--steps=3"],
        [f"--data={folder / 'none'}", f"--workdir={folder / 'other'}"],
        [data, f"--workdir={folder / 'other'}", "--keep_best=score/balance"],
        [data, f"--workdir={folder / 'other'}", "--preset=transcriber_tinny"],
        [data, f"--workdir={folder / 'other'}", "--set=data.frames=63"],
        [data, f"--workdir={folder / 'other'}", f"--init={folder / 'none.npz'}"],
        [data, f"--workdir={folder / 'wide'}", f"--init={folder}/run/transcriber.npz", "--steps=1"],
        [data, f"--workdir={folder / 'tuned'}", "--steps=1", f"--init={folder}/run/transcriber.npz", *SMALL],
    )
    return folder, output, codes


def test_it_trains_and_goes_on_where_it_ended(trained):
    folder, output, codes = trained
    assert codes[:2] == [0, 0]
    assert "2 steps done; transcribe with coverband transcribe --transcriber" in output[0]
    assert "going on from step 2" in output[1]
    assert "3 steps done" in output[1]
    assert checkpoint.facts(folder / "run/transcriber.npz")["steps"] == 3
    assert checkpoint.load(folder / "run/transcriber.npz").spec == scenes.SPEC


def test_it_starts_from_another_run(trained):
    folder, _, codes = trained
    assert codes[9] == 0
    assert checkpoint.facts(folder / "tuned/transcriber.npz")["steps"] == 1


def test_a_recording_that_cannot_be_read_is_named(trained):
    folder, output, _ = trained
    (line,) = (line for line in output[0].splitlines() if "left out" in line)
    assert line.startswith(f"{folder / 'transcription_data/noise.wav'} is left out: ")


@pytest.mark.parametrize(
    ("index", "sentence"),
    [
        (2, "already holds a run: add --resume"),
        (3, "recordings.json is missing or damaged: render the transcription data"),
        (4, "--keep_best and --vocoder are for translators"),
        (5, "--preset transcriber_tinny: there is no such preset of transcriber; name transcriber_tiny"),
        (6, "data.frames=63 is not possible: data.frames must be a multiple of network.time_stride, 2"),
        (7, "none.npz"),
        (8, "the transcriber of --init has other settings of network or spec than the run"),
    ],
)
def test_a_mistake_is_said_in_one_sentence(trained, index, sentence):
    folder, output, codes = trained
    assert codes[index] == 1
    (line,) = (line for line in output[index].splitlines() if line.startswith("coverband: "))
    assert sentence in line
    assert "Traceback" not in output[index]
    assert not (folder / "other/config.json").exists()
