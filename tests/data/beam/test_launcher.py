import shutil
import sys
import time
from pathlib import Path

import pytest

from pipelines.data import executors
from pipelines.data.beam import launcher
from pipelines.data.beam.job import Job
from pipelines.data.beam.launcher import beam_executor
from pipelines.data.preparation import prepare
from pipelines.data.schema import DOMAINS, SETTINGS_FILE
from pipelines.data.shards import PreparationTask
from pipelines.errors import UserError
from tests.data.beam import drivers
from tests.data.conftest import write_tone

JOB = Job("DirectRunner", (), jobs=2)


@pytest.fixture
def sources(tmp_path):
    for index in range(2):
        write_tone(tmp_path / f"content/sub/{index}.wav", 300 + 100 * index, rate=22050, channels=2)
        write_tone(tmp_path / f"band/{index}.flac", 500 + 100 * index, rate=4000)
    (tmp_path / "content/text.mp3").write_text("no song " * 100)
    return {domain: tmp_path / domain for domain in DOMAINS}


@pytest.fixture
def tasks(sources, tmp_path, settings):
    (tmp_path / "out/band").mkdir(parents=True)
    (tmp_path / "out" / SETTINGS_FILE).write_text("{}")
    songs = sorted(sources["band"].iterdir())
    return [
        PreparationTask.from_file(song, sources["band"], "band", tmp_path / "out", settings) for song in songs
    ]


def _run_in_process(tasks):
    """The local executor, in this process."""
    for task in tasks:
        try:
            result = executors.decode(task)
        except UserError as error:
            result = error
        yield task, executors.write_result(task, result)


def _files(folder):
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder): path.read_bytes() for path in files}


@pytest.mark.slow
def test_the_direct_runner_equals_the_local_executor(sources, tmp_path, settings, capsys, monkeypatch):
    """With relative paths, a file that is no song, and a song that an earlier run finished."""
    monkeypatch.chdir(tmp_path)
    local, distributed = tmp_path / "local", tmp_path / "distributed"
    manifest = prepare(sources, local, settings, jobs=1, executor=_run_in_process)
    local_output = capsys.readouterr().err
    (distributed / "band").mkdir(parents=True)
    old = manifest.domains["band"].songs[0].shard
    for name in (old, old.replace(".tfrecord", ".json")):
        shutil.copy2(local / name, distributed / name)
    before = (distributed / old).stat()
    relative = {domain: path.relative_to(tmp_path) for domain, path in sources.items()}
    again = prepare(
        relative, distributed.relative_to(tmp_path), settings, jobs=1, executor=beam_executor(JOB)
    )
    assert again == manifest
    assert _files(distributed) == _files(local)
    after = (distributed / old).stat()
    assert (after.st_mtime_ns, after.st_ino) == (before.st_mtime_ns, before.st_ino)
    printed = capsys.readouterr().err
    assert "1 of 5 songs are prepared already" in printed
    [skipped] = [line for line in local_output.splitlines() if line.startswith("skipped")]
    assert skipped.replace(f"{tmp_path}/", "") in printed.replace(f"{tmp_path}/", "")


def test_nothing_to_do_starts_nothing(monkeypatch):
    monkeypatch.setattr(launcher, "_driver", None)
    assert list(beam_executor(JOB)([])) == []


@pytest.mark.parametrize(
    ("driver", "sentence"),
    [
        (drivers.dies, "the process that drives it died"),
        (drivers.writes_elsewhere, "choose an --out on a disk that all workers share"),
    ],
)
def test_a_job_that_fails_is_one_sentence(tasks, monkeypatch, driver, sentence):
    monkeypatch.setattr(launcher, "_drive", driver)
    monkeypatch.setattr(launcher, "_LATE_SECONDS", 0.0)
    with pytest.raises(UserError, match=sentence) as raised:
        list(beam_executor(JOB)(tasks))
    assert str(raised.value).startswith("--runner DirectRunner failed, finished songs are kept: ")


def test_an_interrupted_job_leaves_no_process(tasks, monkeypatch):
    monkeypatch.setattr(launcher, "_drive", drivers.never_ends)
    pids = tasks[0].folder / "pids"

    def interrupted(pending):
        if pids.exists() and len(pids.read_text().split()) == 2:
            raise KeyboardInterrupt
        return []

    monkeypatch.setattr(launcher, "_finished", interrupted)
    with pytest.raises(KeyboardInterrupt):
        list(beam_executor(JOB)(tasks))
    for pid in map(int, pids.read_text().split()):
        _wait_for_end_of(pid)


def _wait_for_end_of(pid):
    """Waits for the end of a killed process, which may be a zombie."""
    end = time.monotonic() + 10
    while _state(pid) not in ("", "Z"):
        assert time.monotonic() < end, f"process {pid} goes on"
        time.sleep(0.05)


def _state(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][:1]
    except OSError:
        return ""


def test_without_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "apache_beam", None)
    monkeypatch.delitem(sys.modules, "pipelines.data.beam.pipeline", raising=False)
    monkeypatch.delattr("pipelines.data.beam.pipeline", raising=False)
    with pytest.raises(UserError, match=r"--runner needs apache_beam: pip install 'coverband\[beam\]'"):
        beam_executor(JOB)
