"""The binary `transcribe`, run as users run it, and what it writes."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from coverband.commands import transcribe
from pipelines.metrics.notes_file import read_performance
from tests import commands
from tests.transcriber.content_decoder import tiny
from transcriber import checkpoint, transcription
from transcriber.piano_roll import Roll


def _run(*arguments: object) -> subprocess.CompletedProcess[str]:
    return commands.run("coverband.commands.transcribe", *arguments)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A transcriber that was never trained, two songs and something else."""
    folder = tmp_path_factory.mktemp("transcribe")
    checkpoint.save(folder / "transcriber.npz", tiny.transcriber(), {})
    (folder / "songs" / "deeper").mkdir(parents=True)
    tone = 0.3 * np.sin(2 * np.pi * 440 * np.arange(16000) / 16000)
    soundfile.write(folder / "songs" / "tone.wav", tone, 16000)
    soundfile.write(folder / "songs" / "deeper" / "other.flac", np.stack([tone, tone], axis=1), 16000)
    (folder / "songs" / "broken.mp3").write_bytes(b"no sound")
    return folder


def test_a_folder_is_transcribed_but_for_what_cannot_be_read(folder, tmp_path):
    transcriber = folder / "transcriber.npz"
    done = _run("--transcriber", transcriber, "--input", folder / "songs", "--output", tmp_path / "notes")
    assert done.returncode == 1
    assert "1 of 3 songs could not be transcribed" in done.stderr
    assert "broken.mp3" in done.stderr
    assert "Traceback" not in done.stderr
    for name in ("tone", "deeper/other"):
        read_performance(tmp_path / "notes" / f"{name}.mid")
        with Image.open(tmp_path / "notes" / f"{name}.png") as picture:
            assert picture.width > 100
        assert b"<canvas" in (tmp_path / "notes" / f"{name}.html").read_bytes()


def test_the_command_loads_no_tensorflow(folder, tmp_path):
    song, target = folder / "songs" / "tone.wav", tmp_path / "tone.mid"
    line = ["transcribe", "--transcriber", folder / "transcriber.npz", "--input", song, "--output", target]
    script = (
        "import json, sys; from coverband.commands import transcribe; transcribe.main(sys.argv); "
        "print(json.dumps([*{'tensorflow', 'keras', 'librosa', 'scipy.signal'} & {*sys.modules}]))"
    )
    command = [sys.executable, "-c", script, *map(str, line[1:])]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == []
    assert target.exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--input", "a.wav", "--input", "b.wav", "--output", "notes.mid"], "several songs were named"),
        (["--input", "a.wav", "--output", "notes.txt"], "does not end in .mid"),
        (["--input", "a/x.wav", "--input", "b/x.wav", "--output", "notes"], "a/x.wav and b/x.wav would be"),
        (["--input", "nowhere.wav", "--output", "notes.mid"], "nowhere.wav does not exist: check the name"),
        (["--input", "b.wav", "--output", "a.wav/notes"], "a.wav is no folder: name another with --output"),
        (
            ["--input", "a.wav", "--output", "notes.mid", "--transcriber", "nowhere.npz"],
            "nowhere.npz does not exist",
        ),
    ],
)
def test_a_mistake_is_one_sentence(arguments, message, folder, tmp_path):
    for name in ("a.wav", "b.wav", "a/x.wav", "b/x.wav"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    if "--transcriber" not in arguments:
        arguments = [*arguments, "--transcriber", str(folder / "transcriber.npz")]
    done = commands.run("coverband.commands.transcribe", *arguments, folder=tmp_path)
    assert done.returncode == 1
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


def test_songs_of_one_name_keep_their_suffixes(tmp_path):
    for name in ("a.wav", "a.mp3", "b.wav"):
        (tmp_path / name).touch()
    targets = [target.name for _, target in transcribe._jobs([tmp_path], tmp_path / "notes")]
    assert sorted(targets) == ["a.mp3.mid", "a.wav.mid", "b.mid"]


def test_posteriors_are_written_as_notes(tmp_path, monkeypatch, folder):
    frames, rate = 200, tiny.SPEC.frame_rate
    posteriors = Roll(np.zeros((frames, 88)), np.zeros((frames, 88)), np.zeros((frames, 3)))
    posteriors.sounding[50:100, 48], posteriors.onset[50, 48], posteriors.drums[120, 1] = 0.9, 0.9, 0.9
    levels = np.full((frames, 88), -60.0)
    transcribed = transcription.songs.FrameTranscription(posteriors, levels, 0.0)
    monkeypatch.setattr(transcription.songs, "transcribe", lambda transcriber, song: transcribed)
    summary = transcription.write(tiny.transcriber(), Path("song.wav"), tmp_path / "song.mid")
    notes, drums = read_performance(tmp_path / "song.mid")
    assert summary == (1, pytest.approx(frames / rate), 0.0)
    np.testing.assert_allclose(notes, [[50 / rate, 100 / rate, 69]], atol=0.002)
    np.testing.assert_allclose(drums, [[120 / rate, 120 / rate + 0.1, 38]], atol=0.002)


def test_long_songs_are_drawn_in_rows():
    rate = tiny.SPEC.frame_rate
    rolls = [
        Roll(*(np.zeros((frames, n), np.float16) for n in (88, 88, 3)))
        for frames in (round(20 * rate), round(70 * rate))
    ]
    short, long = (transcription.drawn(roll, rate) for roll in rolls)
    assert long.shape[0] > 2.9 * short.shape[0]
    assert long.shape[1] > short.shape[1]
