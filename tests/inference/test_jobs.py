from pathlib import Path

import numpy as np
import pytest
import soundfile

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


def test_one_song_to_one_file():
    assert plan([Path("a.mp3")], Path("b.wav")) == [Job(Path("a.mp3"), Path("b.wav"), keep=False)]


def test_one_song_into_a_folder_keeps_its_name():
    assert plan([Path("x/a.mp3")], Path("covers")) == [Job(Path("x/a.mp3"), Path("covers/a.mp3"), keep=True)]


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
    ],
)
def test_what_cannot_be_meant_is_refused(inputs: list[str], output: str, message: str):
    with pytest.raises(UserError, match=message):
        plan([Path(name) for name in inputs], Path(output))


def test_covers_inside_the_folder_of_songs_are_not_translated_again(songs: Path):
    assert [job.source for job in plan([songs], songs / "live")] == [songs / "a.wav"]


def test_an_empty_folder_is_refused(tmp_path: Path):
    with pytest.raises(UserError, match="holds no songs"):
        plan([tmp_path], Path("covers"))


def test_one_bad_song_does_not_stop_the_others_and_a_rerun_goes_on(
    songs: Path, tmp_path: Path, translator: Translator, capsys: pytest.CaptureFixture[str]
):
    (songs / "bad.mp3").write_text("these are words")
    player = SongTranslator(tiny.maker(translator))
    work = plan([songs], tmp_path / "covers")
    with pytest.raises(UserError, match=r"1 of 3 songs could not be translated .*bad\.mp3"):
        jobs.run(work, player, 1.0)
    covers = [tmp_path / "covers" / name for name in ("a.wav", "live/a.wav")]
    assert all(np.abs(soundfile.read(cover)[0]).max() > 0.01 for cover in covers)
    assert "x real time" in capsys.readouterr().err

    stamps = [cover.stat().st_mtime_ns for cover in covers]
    (songs / "bad.mp3").unlink()
    jobs.run(plan([songs], tmp_path / "covers"), player, 1.0)
    assert [cover.stat().st_mtime_ns for cover in covers] == stamps
    assert "is there already" in capsys.readouterr().err


def test_a_folder_that_cannot_be_made_is_one_sentence(songs: Path, tmp_path: Path, translator: Translator):
    (tmp_path / "covers").touch()
    with pytest.raises(UserError, match="cannot be made"):
        jobs.run(plan([songs / "a.wav"], tmp_path / "covers"), SongTranslator(tiny.maker(translator)), 1.0)


def test_a_single_bad_song_is_the_error(tmp_path: Path, translator: Translator):
    player = SongTranslator(tiny.maker(translator))
    with pytest.raises(UserError, match=r"nowhere\.wav is not a file"):
        jobs.run(plan([tmp_path / "nowhere.wav"], tmp_path / "cover.wav"), player, 1.0)
