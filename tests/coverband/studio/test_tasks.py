"""The queue, with processes that are killed."""

import errno
import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from coverband.studio import process
from coverband.studio.home import Home
from coverband.studio.tasks import State, TaskStore
from coverband.studio.work import Evaluate, Export, Survey, Train, Translate, from_json, to_json
from pipelines.errors import UserError

SECONDS = 30


@pytest.fixture
def home(tmp_path: Path) -> Home:
    found = Home(tmp_path)
    found.create("band")
    return found


@pytest.fixture
def sleeps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "RUNNER", "tests.coverband.studio.sleeper")


def wait(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def pid(folder: Path) -> int:
    wait(lambda: (folder / process.LOCK).exists() and (folder / process.LOCK).read_text().strip("\0"))
    return int((folder / process.LOCK).read_text())


def test_works_are_stored_as_they_are():
    for work in (
        Survey("b"),
        Train("b", "r", 1.5, ("a.b=1",)),
        Translate("b", "r", "t", 0.5, 0.25, 3.0),
        Evaluate("b", "r"),
        Export("b", "r"),
    ):
        assert from_json(json.loads(json.dumps(to_json(work)))) == work
    for damaged in ({}, {"kind": "other"}, {"kind": "train", "band": "b"}):
        with pytest.raises(UserError, match="damaged"):
            from_json(damaged)


def test_one_training_at_a_time_beside_one_short_work(home: Home, sleeps: None):
    store = TaskStore(home)
    tasks = [
        store.add(work)
        for work in (Train("band", "a", 1), Train("band", "b", 1), Survey("band"), Export("band", "a"))
    ]
    store.start_next()
    store.start_next()
    running, queued = State.RUNNING, State.QUEUED
    assert [store.state(task) for task in tasks] == [running, queued, running, queued]
    assert store.add(Survey("band")) == tasks[2]
    for task in (tasks[0], tasks[2]):
        pid(task.folder)
        store.stop(task)
        wait(lambda task=task: store.state(task) is not running)
    store.start_next()
    assert [store.state(task) for task in tasks[1::2]] == [running, running]
    for task in tasks[1::2]:
        pid(task.folder)
        store.stop(task)
        wait(lambda task=task: store.state(task) is not running)


def test_another_studio_finds_the_process_and_its_death(home: Home, sleeps: None):
    store = TaskStore(home)
    task = store.add(Train("band", "a", 1))
    store.start_next()
    number = pid(task.folder)
    wait(lambda: "sleeping" in (task.folder / process.LOG).read_text())
    again = TaskStore(home)
    assert again.state(again.get(task.id)) is State.RUNNING
    os.kill(number, signal.SIGKILL)  # its child lives, and could still write
    time.sleep(0.2)
    assert again.state(task) is State.RUNNING
    os.killpg(number, signal.SIGKILL)
    wait(lambda: again.state(task) is State.DIED)
    assert TaskStore(home).state(task) is State.DIED


def test_a_process_is_stopped_as_soon_as_it_is_there(home: Home):
    store = TaskStore(home)
    task = store.add(Train("band", "a", 1))
    store.start_next()
    store.stop(task)  # before it could say anything
    wait(lambda: store.state(task) is not State.RUNNING)
    assert store.state(task) is State.STOPPED


def test_a_task_that_cannot_be_done_fails_with_its_sentence(home: Home):
    store = TaskStore(home)
    task = store.add(Export("band", "untrained"))
    store.start_next()
    wait(lambda: store.state(task) is State.FAILED)
    assert "untrained has learnt nothing yet" in (task.folder / process.LOG).read_text()


def test_the_result_says_how_it_ended(home: Home):
    for code, state in ((0, State.DONE), (143, State.STOPPED), (130, State.STOPPED), (1, State.FAILED)):
        store = TaskStore(home)
        task = store.add(Survey("band"))
        (task.folder / process.RESULT).write_text(json.dumps({"code": code}))
        assert store.state(task) is state


def test_queued_and_ended_tasks_are_removed(home: Home):
    store = TaskStore(home)
    task = store.add(Survey("band"))
    store.stop(task)
    with pytest.raises(UserError, match="no such task"):
        store.get(task.id)
    for id_ in ("..", "1", "", "0000000a"):
        with pytest.raises(UserError, match="no such task"):
            store.get(id_)


def test_the_number_of_a_removed_task_is_used_again(home: Home):
    store = TaskStore(home)
    failed = store.add(Survey("band"))
    process.write_failure(failed.folder, "no disk")
    assert store.state(failed) is State.FAILED
    store.stop(failed)
    again = store.add(Survey("band"))
    assert (again.id, store.state(again)) == (failed.id, State.QUEUED)


def test_a_process_that_cannot_be_started_is_a_failure(home: Home, monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EAGAIN, "no more processes")

    monkeypatch.setattr(process.subprocess, "Popen", refuse)
    store = TaskStore(home)
    task = store.add(Survey("band"))
    store.start_next()
    assert store.state(task) is State.FAILED
    assert "no more processes" in (task.folder / process.LOG).read_text()


def test_on_a_full_disk_tasks_are_refused_or_wait(home: Home, sleeps: None, monkeypatch: pytest.MonkeyPatch):
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    store = TaskStore(home)
    task = store.add(Survey("band"))
    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", full)
        patch.setattr(process, "write_failure", full)
        patch.setattr(process.os, "pwrite", full)
        with pytest.raises(OSError, match="No space left"):
            store.add(Export("band", "a"))
        with pytest.raises(OSError, match="No space left"):
            store.start_next()
    assert store.state(task) is State.QUEUED
    other = store.add(Train("band", "a", 1))
    assert other.id == "00000002"
    store.start_next()
    assert [store.state(each) for each in (task, other)] == [State.RUNNING] * 2
    for each in (task, other):
        pid(each.folder)
        store.stop(each)
        wait(lambda each=each: store.state(each) is not State.RUNNING)


def test_damaged_tasks_are_left_out(home: Home):
    store = TaskStore(home)
    task = store.add(Survey("band"))
    (home.tasks / "00000009").mkdir()
    (home.tasks / "notes").mkdir()
    assert [each.id for each in TaskStore(home).all()] == [task.id]
    assert store.add(Export("band", "a")).id == "00000002"
