import threading

import pytest

from pipelines.data.beam import pipeline
from pipelines.data.beam.job import Job
from pipelines.data.shards import Task
from pipelines.errors import UserError
from tests.data.conftest import write_tone


class Answers(list):
    send = list.append


@pytest.mark.parametrize(
    ("runner", "option", "sentence"),
    [
        ("DirectRunner", "parallelism=4", None),
        ("FlinkRunner", "flink_master=host:8081", None),
        ("NoRunner", "parallelism=4", "--runner NoRunner is not known: Beam has .*FlinkRunner"),
        ("os.path", "parallelism=4", "--runner os.path is not known"),
        ("some.Runner", "parallelism=4", "--runner some.Runner cannot be used: No module named 'some'"),
        (
            "DirectRunner",
            "paralelism=4",
            "--beam paralelism: Beam has no such option; did you mean parallelism",
        ),
        (
            "DirectRunner",
            "parallelism=four",
            "--beam is not possible: --parallelism: invalid int value: 'four'",
        ),
    ],
)
def test_mistakes_are_found_before_anything_is_done(runner, option, sentence):
    job = Job(runner, (option,), jobs=1)
    if sentence is None:
        pipeline.check(job)
        return
    with pytest.raises(UserError, match=sentence):
        pipeline.check(job)


def test_what_a_worker_says_reaches_the_user(tmp_path, settings, monkeypatch, caplog, capfd):
    """A thread of this process is the worker, to which the data folder is none."""
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    write_tone(tmp_path / "tone.wav", 440)
    task = Task.of(tmp_path / "tone.wav", tmp_path, "band", tmp_path / "out", settings)
    answers = Answers()
    with pytest.raises(SystemExit):
        pipeline.run(Job("DirectRunner", ("direct_running_mode=multi_threading",), 1), [task], answers)
    [said] = answers
    assert said.startswith(f"{tmp_path}/out is not the same folder on ")


def test_what_a_job_server_says_is_shortened():
    error = RuntimeError("Job failed:\n java.lang.Exception: no more\n" + "\tat org.apache.some.Class\n" * 99)
    assert (
        pipeline._said(error)
        == "RuntimeError: Job failed: java.lang.Exception: no more at org.apache.some.Class"
    )
    assert len(pipeline._said(RuntimeError("word " * 1000))) <= 400


def test_the_job_is_cancelled_when_the_launcher_gives_up(monkeypatch):
    cancelled = []

    class Result:
        def wait_until_finish(self):
            pipeline._cancel()

        def cancel(self):
            cancelled.append(True)

    handlers = []
    monkeypatch.setattr(pipeline.beam.Pipeline, "run", lambda self: Result())
    monkeypatch.setattr(pipeline.signal, "signal", lambda *handler: handlers.append(handler))
    answers = Answers()
    pipeline.run(Job("FlinkRunner", (), 1), [], answers)
    assert cancelled == [True]
    assert answers == []
    assert handlers == [(pipeline.signal.SIGTERM, pipeline._cancel)]
