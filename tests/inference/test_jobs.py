import os
from pathlib import Path

import numpy as np
import pytest
import soundfile

from pipelines import outputs
from pipelines.errors import UserError
from pipelines.inference import jobs
from pipelines.inference.jobs import Job, plan
from pipelines.inference.translate import SongTranslator
from pipelines.nn.translator import Translator
from tests.inference import tiny


@pytest.fixture
def songs(tmp_path: Path) -> Path:
    folder = tmp_path / "songs"
    (folder / "live").mkdir(parents=True)
    for name in ("a.wav", "live/a.wav"):
        soundfile.write(folder / name, tiny.song(0.3), tiny.SPEC.sample_rate)
    (folder / "notes.txt").write_text("not a song")
    return folder


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Working folder with empty song files."""
    (tmp_path / "y").mkdir()
    (tmp_path / "x").mkdir()
    for name in ("a.mp3", "c.mp3", "a.wav", "x/a.mp3", "x/a.wav", "y/a.mp3"):
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_one_song_to_one_file(here: Path):
    one = [Job(Path("a.mp3"), Path("b.wav"), keep=False)]
    assert plan([Path("a.mp3")], Path("b.wav")) == one
    (here / "z").mkdir()
    (here / "z/a.mp3").touch()
    assert plan([Path("z")], Path("b.wav")) == [Job(Path("z/a.mp3"), Path("b.wav"), keep=False)]


def test_one_song_into_a_folder_keeps_its_name(here: Path):
    assert plan([Path("x/a.mp3")], Path("covers")) == [Job(Path("x/a.mp3"), Path("covers/a.mp3"), keep=True)]


def test_covers_in_formats_that_cannot_be_written_are_wav(tmp_path: Path):
    long = "n" * 252
    for name in ("a.m4a", "b.m4a", "b.wav", "c.m4a", "c.opus", "d.AIFF", f"{long}.au"):
        (tmp_path / name).touch()
    found = {job.source.name: job.target.name for job in plan([tmp_path], tmp_path / "covers")}
    assert found == {
        "a.m4a": "a.wav",
        "b.m4a": "b.m4a.wav",
        "b.wav": "b.wav",
        "c.m4a": "c.m4a.wav",
        "c.opus": "c.opus.wav",
        "d.AIFF": "d.wav",
        f"{long}.au": f"{long[1:]}.wav",
    }


def test_a_folder_keeps_its_subfolders(songs: Path):
    found = plan([songs], Path("covers"), overwrite=True)
    assert [str(job.target) for job in found] == ["covers/a.wav", "covers/live/a.wav"]
    assert not any(job.keep for job in found)


@pytest.mark.parametrize(
    ("inputs", "output", "message"),
    [
        ([], "b.wav", "nothing to translate"),
        (["a.mp3", "c.mp3"], "b.wav", "name a folder"),
        (["x/a.mp3", "y/a.mp3"], "covers", "2 songs would be written to covers/a.mp3"),
        (["a.mp3"], "b.m4a", "no known audio suffix"),
        (["a.wav"], "a.wav", "would replace a song"),
        (["x/a.wav"], "x", "would replace a song"),
        (["x"], "x", "x holds all the songs of x: name another folder"),
        (["x"], "b.wav", "name a folder"),
        (["X"], "covers", "X does not exist"),
        (["aa.mp3"], "b.wav", "aa.mp3 does not exist: did you mean 'a.mp3'"),
        (["a.mp3"], "c.mp3/covers", "c.mp3 is no folder: name another with --output"),
    ],
)
def test_impossible_targets_are_user_errors(here: Path, inputs: list[str], output: str, message: str):
    with pytest.raises(UserError, match=message):
        plan([Path(name) for name in inputs], Path(output))


def test_covers_inside_the_folder_of_songs_are_not_translated_again(songs: Path):
    assert [job.source for job in plan([songs], songs / "live")] == [songs / "a.wav"]


def test_an_empty_folder_is_a_user_error(tmp_path: Path):
    with pytest.raises(UserError, match="is an empty folder"):
        plan([tmp_path], Path("covers"))


def test_one_bad_song_does_not_stop_the_others_and_a_rerun_resumes(
    songs: Path, tmp_path: Path, translator: Translator, capsys: pytest.CaptureFixture[str]
):
    (songs / "bad.mp3").write_text("these are words")
    (songs / "cover.jpg").touch()
    song_translator = SongTranslator(tiny.window_translator(translator))
    work = plan([songs], tmp_path / "covers")
    said = capsys.readouterr().err
    assert said == f"ignored in {songs}: pictures: 1 (cover.jpg); texts: 1 (notes.txt)\n"
    with pytest.raises(UserError, match=r"1 of 3 songs could not be translated .*bad\.mp3"):
        jobs.run(work, song_translator)
    covers = [tmp_path / "covers" / name for name in ("a.wav", "live/a.wav")]
    assert all(np.abs(soundfile.read(cover)[0]).max() > 0.01 for cover in covers)
    assert "x real time" in capsys.readouterr().err

    stamps = [cover.stat().st_mtime_ns for cover in covers]
    (songs / "bad.mp3").unlink()
    jobs.run(plan([songs], tmp_path / "covers"), song_translator)
    assert [cover.stat().st_mtime_ns for cover in covers] == stamps
    assert "exists already" in capsys.readouterr().err


def test_a_single_bad_song_is_the_error(songs: Path, tmp_path: Path, translator: Translator):
    song_translator = SongTranslator(tiny.window_translator(translator))
    work = plan([songs / "a.wav"], tmp_path / "cover.wav")
    (songs / "a.wav").unlink()
    with pytest.raises(UserError, match=r"a\.wav is not a file"):
        jobs.run(work, song_translator)


def test_a_folder_that_is_protected_or_made_a_file_meanwhile(
    songs: Path, tmp_path: Path, translator: Translator, monkeypatch: pytest.MonkeyPatch
):
    work = plan([songs / "a.wav"], tmp_path / "covers")
    (tmp_path / "covers").touch()
    with pytest.raises(UserError, match="covers cannot be made"):
        jobs.run(work, SongTranslator(tiny.window_translator(translator)))
    monkeypatch.setattr(outputs.os, "access", lambda path, mode: False)
    with pytest.raises(UserError, match=r"cannot be written to \(protected or read-only\): name another"):
        plan([songs / "a.wav"], tmp_path / "other")


def test_names_of_every_kind(tmp_path: Path, translator: Translator, capsys: pytest.CaptureFixture[str]):
    names = [
        "n" * 246 + ".wav",
        os.fsdecode(b"Bj\xf6rk.wav"),
        "[a] #1 100%.wav",
        ".b.wav",
        "e\u0301 \U0001f3b8.wav",
    ]
    (tmp_path / "songs").mkdir()
    for name in names:
        soundfile.write(os.fsencode(tmp_path / "songs" / name), tiny.song(0.3), tiny.SPEC.sample_rate)
    song_translator = SongTranslator(tiny.window_translator(translator))
    jobs.run(plan([tmp_path / "songs"], tmp_path / "covers"), song_translator)
    assert sorted(path.name for path in (tmp_path / "covers").iterdir()) == sorted(names)
