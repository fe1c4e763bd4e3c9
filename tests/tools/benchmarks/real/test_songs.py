import dataclasses
import os
import signal
import subprocess
import sys

import numpy as np
import pytest
import soundfile

from pipelines.errors import UserError
from tests.commands import ROOT
from tests.tools.benchmarks.real.debs import write_song
from tools.benchmarks.real import songs
from tools.benchmarks.real.fetch import Unpacked
from tools.benchmarks.real.packages import Credit, Package

PACKAGE = Package(
    "some-music",
    "usr/music",
    ("**/*.ogg",),
    (Credit("live/*", "The Band", "A"), Credit("*", "", "B")),
    "by hand",
)


@pytest.fixture
def root(tmp_path):
    return tmp_path / "unpacked" / "usr/music"


def _find(tmp_path, package=PACKAGE):
    return songs.find(package, Unpacked(package.name, "1.0", tmp_path / "unpacked"), tmp_path / "mixes")


def test_songs_have_credits_titles_and_lengths(root, tmp_path):
    write_song(root / "live/01_-_Ein_Stück.ogg", 31.0)
    write_song(root / "tagged.ogg", 40.5, title="A Title", artist="Someone")
    write_song(root / "07.ogg", 30.0)
    found = {song.name: song for song in _find(tmp_path)}
    rows = {name: (song.artist, song.title, song.licence, song.seconds) for name, song in found.items()}
    assert rows == {
        "live/01_-_Ein_Stück.ogg": ("The Band", "Ein Stück", "A", 31.0),
        "tagged.ogg": ("Someone", "A Title", "B", 40.5),
        "07.ogg": ("unknown", "07", "B", 30.0),
    }
    assert {song.version for song in found.values()} == {"1.0"}


def test_jingles_and_other_files_are_no_songs(root, tmp_path):
    write_song(root / "song.ogg")
    write_song(root / "jingle.ogg", 29.9)
    write_song(root / "song.wav")
    assert [song.name for song in _find(tmp_path)] == ["song.ogg"]


def test_titles_that_songs_share_come_from_their_names(root, tmp_path):
    for name in ("caves", "the_desert"):
        write_song(root / f"{name}.ogg", title="Caves")
    write_song(root / "alone.ogg", title="Alone Again")
    assert {song.title for song in _find(tmp_path)} == {"caves", "the desert", "Alone Again"}


def test_unreadable_songs_are_reported_and_left_out(root, tmp_path, capsys):
    write_song(root / "song.ogg")
    (root / "broken.ogg").write_bytes(b"OggS but no more")
    assert [song.name for song in _find(tmp_path)] == ["song.ogg"]
    assert "some-music: left out: " in (err := capsys.readouterr().err)
    assert "broken.ogg is not a readable audio file" in err


def test_a_package_without_the_expected_songs(root, tmp_path):
    write_song(root / "song.mp3.wav")
    with pytest.raises(UserError, match=r"^some-music: version 1\.0 holds no song of 30 s in /usr/music: "):
        _find(tmp_path)


def test_folders_of_stems_are_mixed(root, tmp_path):
    for name in ("song", "guitar"):
        write_song(root / "One Song" / f"{name}.ogg")
    write_song(root / "two" / "song.ogg")
    (root / "library.ini").write_text("[library]")
    package = dataclasses.replace(PACKAGE, songs=("*",), stems=True)
    found = _find(tmp_path, package)
    assert [song.name for song in found] == ["One Song.flac", "two.flac"]
    levels = [np.std(soundfile.read(song.path)[0]) for song in found]
    assert levels[0] == pytest.approx(2 * levels[1], rel=0.02)


def test_a_killed_mix_is_done_again_and_leaves_nothing(root, tmp_path):
    write_song(root / "a" / "song.ogg")
    package = dataclasses.replace(PACKAGE, songs=("*",), stems=True)
    mixes = tmp_path / "mixes"
    code = (
        "import os, sys; from pathlib import Path; import soundfile\n"
        "from tools.benchmarks.real import stems\n"
        "def write(path, *_, **__): Path(path).write_bytes(b'half'); os.kill(os.getpid(), 9)\n"
        "soundfile.write = write; stems.mixed(Path(sys.argv[1]), Path(sys.argv[2]))"
    )
    command = [sys.executable, "-c", code, root / "a", mixes / "unpacked"]
    killed = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=60)
    assert killed.returncode == -signal.SIGKILL
    assert [path.read_bytes() for path in (mixes / "unpacked").iterdir()] == [b"half"]
    assert [song.name for song in _find(tmp_path, package)] == ["a.flac"]
    assert os.listdir(mixes / "unpacked") == ["a.flac"]
