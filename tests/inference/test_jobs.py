import os
import signal
from collections.abc import Iterator
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
from pipelines.stems.files import Role, Stem
from pipelines.stems.separation import Separation
from tests.inference import tiny
from tests.stems import separable
from tests.stems import songs as stem_songs


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


@pytest.fixture
def with_stems(tmp_path: Path) -> Path:
    """Folder of a song with its vocals, one with its instrumental in a subfolder, and one without a stem."""
    folder = tmp_path / "songs"
    (folder / "live").mkdir(parents=True)
    singer, rest = stem_songs.voice(3.0), stem_songs.accompaniment(3.0)
    for name in ("a", "b", "live/a"):
        stem_songs.write(folder / f"{name}.wav", singer + rest)
    stem_songs.write(folder / "a.vocals.flac", singer)
    stem_songs.write(folder / "live/a.instrumental.wav", rest)
    return folder


def test_a_killed_translation_leaves_no_unfinished_file(
    with_stems: Path, tmp_path: Path, translator: Translator, monkeypatch: pytest.MonkeyPatch
):
    killed = []

    def translate_parts(*arguments: object) -> Iterator[np.ndarray]:
        killed.extend(path.suffix for path in (tmp_path / "covers").iterdir())
        os.kill(os.getpid(), signal.SIGTERM)
        yield np.zeros((1, 2), np.float32)

    monkeypatch.setattr(SongTranslator, "translate_parts", translate_parts)
    with pytest.raises(SystemExit) as raised:
        jobs.run(plan([with_stems], tmp_path / "covers"), SongTranslator(tiny.window_translator(translator)))
    assert raised.value.code == 128 + signal.SIGTERM
    assert killed == [".part"]
    assert not list((tmp_path / "covers").iterdir())
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_stems_in_a_folder_belong_to_their_songs(
    with_stems: Path, tmp_path: Path, translator: Translator, capsys: pytest.CaptureFixture[str]
):
    work = plan([with_stems], tmp_path / "covers")
    assert [(job.source.relative_to(with_stems).as_posix(), job.stem) for job in work] == [
        ("a.wav", Stem(with_stems / "a.vocals.flac", Role.VOCALS)),
        ("b.wav", None),
        ("live/a.wav", Stem(with_stems / "live/a.instrumental.wav", Role.INSTRUMENTAL)),
    ]
    jobs.run(work, SongTranslator(tiny.window_translator(translator)), vocals_level=-3.0)
    covers = sorted(path for path in (tmp_path / "covers").rglob("*.*"))
    assert [cover.relative_to(tmp_path / "covers").as_posix() for cover in covers] == [
        "a.wav",
        "b.wav",
        "live/a.wav",
    ]
    assert capsys.readouterr().err.count("stem shifted by") == 2


def test_a_stem_that_does_not_fit_is_reported_and_the_others_continue(
    with_stems: Path, tmp_path: Path, translator: Translator, capsys: pytest.CaptureFixture[str]
):
    stem_songs.write(with_stems / "a.vocals.flac", np.zeros((stem_songs.RATE, 1)))
    work = plan([with_stems], tmp_path / "covers")
    with pytest.raises(UserError, match=r"1 of 3 songs could not be translated .*a\.wav"):
        jobs.run(work, SongTranslator(tiny.window_translator(translator)))
    said = (
        f"not translated: {work[0].source} has a stem that does not fit: {with_stems}/a.vocals.flac is silent"
    )
    assert said in capsys.readouterr().err
    assert sum(path.is_file() for path in (tmp_path / "covers").rglob("*")) == 2


def test_songs_without_a_stem_are_separated_and_one_that_cannot_be_is_reported(
    tmp_path: Path, translator: Translator, capsys: pytest.CaptureFixture[str]
):
    for name in ("a", "b", "c"):
        separable.write_song(tmp_path, name, seed=ord(name))
    stem = stem_songs.write(tmp_path / "songs/c.vocals.wav", stem_songs.voice(2.0, seed=ord("c")))
    separation = Separation.from_text(separable.command("fail on b"), "--vocals auto")
    work = plan([tmp_path / "songs"], tmp_path / "covers")
    song_translator = SongTranslator(tiny.window_translator(translator))
    for _ in range(2):
        with pytest.raises(UserError, match=r"1 of 3 songs could not be translated \(see above\): .*b\.wav"):
            jobs.run(work, song_translator, vocals_level=1.0, separation=separation)
        err = capsys.readouterr().err
        assert f"not translated: {tmp_path}/songs/b.wav cannot be separated: " in err
    assert sorted(path.name for path in (tmp_path / "covers").iterdir()) == ["a.wav", "c.wav"]
    assert separable.runs(tmp_path) == ["a.wav"]
    singer, _ = soundfile.read(stem)
    cover, _ = soundfile.read(tmp_path / "covers/c.wav")
    assert np.corrcoef(cover[:, 0], singer[:, 0])[0, 1] > 0.5


def test_a_folder_of_a_song_and_its_stem_is_one_song(with_stems: Path, tmp_path: Path):
    (with_stems / "b.wav").unlink()
    inputs = [with_stems / name for name in ("a.vocals.flac", "a.wav")]
    assert plan(inputs, tmp_path / "b.wav") == [
        Job(with_stems / "a.wav", tmp_path / "b.wav", False, Stem(inputs[0], Role.VOCALS))
    ]
    assert plan(inputs[:1], tmp_path / "b.wav") == [Job(inputs[0], tmp_path / "b.wav", False)]


def test_a_named_stem_is_of_one_song(with_stems: Path, tmp_path: Path):
    stem = Stem(with_stems / "a.vocals.flac", Role.INSTRUMENTAL)
    (job,) = plan([with_stems / "b.wav"], tmp_path / "covers", stem=stem)
    assert job.stem == stem
    with pytest.raises(UserError, match="--instrumental is of one song, but several are to be translated"):
        plan([with_stems], tmp_path / "covers", stem=stem)


@pytest.mark.parametrize(
    ("stem", "output", "message"),
    [
        ("live", "covers", "live is a folder: name one file with --vocals"),
        ("a.vocal.flac", "covers", "a.vocal.flac does not exist: did you mean '.*a.vocals.flac'"),
        ("c.wav", "songs/c.wav", "c.wav would replace a song"),
    ],
)
def test_a_stem_that_is_no_file_or_the_output(with_stems: Path, stem: str, output: str, message: str):
    stem_songs.write(with_stems / "c.wav", stem_songs.voice(1.0))
    with pytest.raises(UserError, match=message):
        plan([with_stems / "b.wav"], with_stems.parent / output, stem=Stem(with_stems / stem, Role.VOCALS))
