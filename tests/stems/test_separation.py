import os
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from pipelines.errors import UserError
from pipelines.stems import stem_cache
from pipelines.stems.files import Role
from pipelines.stems.separated_files import find
from pipelines.stems.separation import Separation, opened
from pipelines.stems.separators import COMMANDS, ENVIRONMENT, CommandSeparator
from tests.stems import fake_separator
from tests.stems.separable import command, runs, write_song
from tests.stems.songs import RATE, write


def separation(kind: str, timeout: float | None = None) -> Separation:
    return Separation.from_text(command(kind), "--vocals auto", timeout)


def read(path: Path) -> np.ndarray:
    return soundfile.read(path)[0]


@pytest.fixture(autouse=True)
def _empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv(ENVIRONMENT, raising=False)


@pytest.fixture
def song(tmp_path: Path) -> Path:
    return write_song(tmp_path, "a -(Instrumental) [x]")


@pytest.mark.parametrize("kind", ["demucs", "spleeter", "audio-separator"])
def test_both_stems_are_found_in_the_layout_of_each_program(song: Path, kind: str):
    for role in Role:
        stem = separation(kind).stem(song, role)
        assert stem.role is role
        np.testing.assert_array_equal(read(stem.path), read(fake_separator.truth(song) / f"{role.value}.wav"))
    assert str(stem) == f"the instrumental stem by {Path(sys.executable).name}"


def test_the_other_stem_in_place_of_a_missing_one(song: Path):
    assert separation("vocals").stem(song, Role.INSTRUMENTAL).role is Role.VOCALS


def test_a_song_is_separated_once_by_its_content(song: Path, tmp_path: Path):
    first = separation("demucs").stem(song, Role.VOCALS)
    renamed = song.rename(song.with_name("b.wav"))
    assert separation("demucs").stem(renamed, Role.VOCALS) == first
    assert len(runs(tmp_path)) == 1
    fake_separator.truth(song).rename(fake_separator.truth(renamed))
    separation("spleeter").stem(renamed, Role.VOCALS)
    write(renamed, 0.9 * read(renamed))
    separation("spleeter").stem(renamed, Role.VOCALS)
    assert len(runs(tmp_path)) == 3
    assert not [path for path in (tmp_path / "cache/coverband/stems").iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize("name", ["tests.stems.fake_separator:separate", fake_separator.separate])
def test_functions(song: Path, tmp_path: Path, name):
    with opened(name, "separator=") as functions:
        stem = functions.stem(song, Role.VOCALS)
        assert stem == functions.stem(song, Role.VOCALS)
        np.testing.assert_array_equal(read(stem.path), read(fake_separator.truth(song) / "vocals.wav"))
    assert len(runs(tmp_path)) == 1
    assert stem.path.exists() == isinstance(name, str)


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("fail", "failed with exit code 1, its last line is 'out of memory': mend that"),
        ("killed", "was killed by SIGKILL"),
        (
            "nothing",
            r"wrote no stem \(notes.txt in the output folder, its last line is '0 songs sep",
        ),
        ("text", "the vocals stem by .* holds no audio|the vocals stem by .* is "),
    ],
)
def test_a_program_that_goes_wrong(song: Path, kind: str, message: str):
    with pytest.raises(UserError, match=message) as caught:
        separation(kind).stem(song, Role.VOCALS)
    assert str(caught.value).startswith(f"{song} cannot be separated: ")
    assert str(caught.value).count("\n") == 0


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("tests.stems.fake_separator:separate_badly", "last line is 'RuntimeError: no model'"),
        ("tests.stems.fake_separator:nowhere", "cannot be imported: module .* has no attribute 'nowhere'"),
        (fake_separator.separate_badly, r"separate_badly failed \(RuntimeError\('no model'\)\)"),
    ],
)
def test_a_function_that_goes_wrong(song: Path, name, message: str):
    with opened(name, "separator=") as functions, pytest.raises(UserError, match=message):
        functions.stem(song, Role.VOCALS)


def test_a_program_that_hangs_is_ended_with_its_children(song: Path, tmp_path: Path):
    with pytest.raises(UserError, match=r"was not done after 3 s and was ended: .* --separator_timeout"):
        separation("hang", 3.0).stem(song, Role.VOCALS)
    child = int((tmp_path / "truth/child").read_text())
    for _ in range(100):
        if not _runs(child):
            break
        time.sleep(0.1)
    assert not _runs(child)
    assert list((tmp_path / "cache/coverband/stems").iterdir()) == []


def _runs(pid: int) -> bool:
    """True if a process runs; one that has ended may wait for its parent."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_stems_of_another_length(song: Path):
    vocals = fake_separator.truth(song) / "vocals.wav"
    write(vocals, read(vocals)[: RATE // 2])
    with pytest.raises(UserError, match=r"the vocals stem by .* is 1.50 s shorter than the song"):
        separation("demucs").stem(song, Role.VOCALS)


def test_a_silent_stem(song: Path, tmp_path: Path):
    vocals = fake_separator.truth(song) / "vocals.wav"
    write(vocals, np.zeros_like(read(vocals)))
    for _ in range(2):
        with pytest.raises(UserError, match=r"has a silent vocals stem by .*: leave it out, or use"):
            separation("demucs").stem(song, Role.VOCALS)
    assert separation("demucs").stem(song, Role.INSTRUMENTAL).role is Role.INSTRUMENTAL
    assert len(runs(tmp_path)) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "--vocals auto needs a program that separates songs: name one with --separator or COVERBAND_"),
        ("demuks", "'demuks' is no separator: name demucs, spleeter, audio-separator, a command with {song}"),
        ("no-such-program {song} {output}", "the separator no-such-program is not installed"),
        ("python 'x {song} {output}", r"cannot be split into words \(No closing quotation\)"),
    ],
)
def test_what_is_no_separator(text: str | None, message: str):
    with pytest.raises(UserError, match=message):
        Separation.from_text(text, "--vocals auto")


def test_the_separator_of_the_environment(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(ENVIRONMENT, "tests.stems.fake_separator:separate")
    assert Separation.from_text(None, "--vocals auto").separator.name == "tests.stems.fake_separator:separate"


def test_a_name_stands_for_its_command(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("shutil.which", lambda name: name)
    for name, line in COMMANDS.items():
        assert CommandSeparator.from_text(name) == CommandSeparator.from_text(line)
        assert CommandSeparator.from_text(name).name == name


def test_stems_by_name():
    def roles(*names: str) -> dict[str, str]:
        return {role.value: path.name for role, path in find(map(Path, names)).items()}

    assert roles("vocals.wav", "other.wav") == {"vocals": "vocals.wav", "instrumental": "other.wav"}
    assert roles("vocals.wav", "other.wav", "bass.wav") == {"vocals": "vocals.wav"}
    assert roles("x/No Vocals.flac", "x/VOCAL.flac") == {
        "instrumental": "No Vocals.flac",
        "vocals": "VOCAL.flac",
    }
    assert roles("vocalist.wav", "drums.wav") == {}


def test_two_runs_at_once_and_what_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    cache = stem_cache.folder()
    entry = cache / "entry"
    for name in ("first", "second"):
        with stem_cache.unfinished(cache) as scratch:
            (scratch / "stems").mkdir()
            (scratch / "stems" / name).write_bytes(b"0123456789")
            stem_cache.store(scratch / "stems", entry)
    assert [path.name for path in entry.iterdir()] == ["first"]
    for name, days in (("left", 5), ("newer", 3), ("older", 4), (".unfinished-x", 2)):
        (cache / name).mkdir()
        (cache / name / "vocals.wav").write_bytes(b"0123456789")
        os.utime(cache / name, (time.time() - 24 * 3600 * days,) * 2)
    monkeypatch.setattr(stem_cache, "MAX_BYTES", 30)
    stem_cache.folder()
    assert sorted(path.name for path in cache.iterdir()) == ["entry", "newer", "older"]
