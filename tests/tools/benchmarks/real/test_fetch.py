import os
import shutil
import signal
import subprocess
import sys

import pytest

from pipelines.errors import UserError
from tests.commands import ROOT
from tests.tools.benchmarks.real import debs
from tools.benchmarks.real import fetch

SONG = "Älter & neu/01 ein Lied.ogg"

pytestmark = debs.needs_dpkg


@pytest.fixture
def given(tmp_path):
    """Folder with a package."""
    folder = tmp_path / "given"
    folder.mkdir()
    debs.build(folder, "some-music", {SONG: 1.0}, "usr/share/music")
    return folder


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """Folder that is searched for programs first."""
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    return tmp_path / "bin"


def _fetch(cache, *arguments):
    with fetch.opened(cache):
        return fetch.fetch("some-music", cache, *arguments)


def test_unpacks_names_with_blanks_and_letters(given, tmp_path):
    unpacked = _fetch(tmp_path / "cache", given)
    assert (unpacked.name, unpacked.version) == ("some-music", "1:2-3")
    assert (unpacked.folder / "usr/share/music" / SONG).stat().st_size > 1000


def test_downloads_once(given, tmp_path, programs):
    log = tmp_path / "log"
    debs.program(programs, "apt-get", f'echo "$@" >> {log}; cp {given}/*.deb .')
    first = _fetch(tmp_path / "cache")
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "cache").rglob("*") if path.is_file()}
    assert _fetch(tmp_path / "cache") == first
    after = {path: path.stat().st_mtime_ns for path in before}
    assert {path for path in before if before[path] != after[path]} <= {tmp_path / "cache" / ".lock"}
    assert log.read_text() == "download some-music\n"


def test_given_files_are_used_without_a_download(given, tmp_path, programs):
    debs.program(programs, "apt-get", "exit 1")
    assert _fetch(tmp_path / "cache", given).version == "1:2-3"


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (
            "echo 'W: warned' >&2; echo 'E: Unable to locate package some-music' >&2; exit 100",
            "Unable to locate",
        ),
        (
            "echo 'E: Could not connect to host' >&2; echo 'W: also' >&2; exit 100",
            "Could not connect to host",
        ),
        ("exit 3", "exit code 3"),
    ],
)
def test_a_failed_download_is_one_sentence(tmp_path, programs, script, reason):
    debs.program(programs, "apt-get", script)
    with pytest.raises(UserError, match=rf"^some-music: cannot be fetched \({reason}.*--debs$"):
        _fetch(tmp_path / "cache")
    assert not list((tmp_path / "cache" / "debs").iterdir())


def test_without_apt_get(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match=r"^some-music: .* there is no apt-get"):
        _fetch(tmp_path / "cache")


def test_without_dpkg_deb(given, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match=r"^some-music: .* there is no dpkg-deb"):
        _fetch(tmp_path / "cache", given)


def test_a_damaged_file_is_named_and_a_good_one_unpacked_later(given, tmp_path):
    deb = next(given.iterdir())
    whole = deb.read_bytes()
    deb.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UserError, match=r"^some-music: cannot be unpacked .*some-music_1%3a2-3_all\.deb"):
        _fetch(tmp_path / "cache", given)
    deb.write_bytes(whole)
    assert (_fetch(tmp_path / "cache", given).folder / "usr/share/music" / SONG).is_file()


def test_several_versions_are_refused(given, tmp_path):
    shutil.copy(next(given.iterdir()), given / "some-music_4_all.deb")
    with pytest.raises(UserError, match=r"^some-music: .* holds 2 versions of it"):
        _fetch(tmp_path / "cache", given)


def test_a_longer_name_is_another_package(given, tmp_path, programs):
    debs.program(programs, "apt-get", "exit 1")
    next(given.iterdir()).rename(given / "some-music-extra_1_all.deb")
    with pytest.raises(UserError, match=r"^some-music: cannot be fetched"):
        _fetch(tmp_path / "cache", given)


def test_a_killed_unpacking_is_done_again(given, tmp_path, programs):
    cache = tmp_path / "cache"
    debs.program(programs, "dpkg-deb", 'mkdir -p "$3/usr"; echo half > "$3/usr/half"; kill -9 $PPID')
    code = (
        "from pathlib import Path; from tools.benchmarks.real import fetch\n"
        f"with fetch.opened(Path({str(cache)!r})): "
        f"fetch.fetch('some-music', Path({str(cache)!r}), Path({str(given)!r}))"
    )
    killed = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, timeout=60)
    assert killed.returncode == -signal.SIGKILL
    assert list(cache.glob("*/usr/half")) or list(cache.glob(".*/*/usr/half"))
    (programs / "dpkg-deb").unlink()
    unpacked = _fetch(cache, given)
    assert (unpacked.folder / "usr/share/music" / SONG).is_file()
    assert not list(cache.rglob("half"))


def test_one_process_at_a_time(given, tmp_path):
    with (
        fetch.opened(tmp_path / "cache"),
        pytest.raises(UserError, match=rf"process {os.getpid()} fetches into"),
        fetch.opened(tmp_path / "cache"),
    ):
        pass
