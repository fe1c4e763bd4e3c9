import threading

import pytest

from pipelines.data.beam import pipeline
from pipelines.data.beam.job import Job
from pipelines.data.shards import PreparationTask
from pipelines.errors import UserError
from tests.data.conftest import write_tone


class Messages(list):
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
def test_mistakes_are_found_at_the_start(runner, option, sentence):
    job = Job(runner, (option,), jobs=1)
    if sentence is None:
        pipeline.check(job)
        return
    with pytest.raises(UserError, match=sentence):
        pipeline.check(job)


def test_errors_of_a_worker_reach_the_user(tmp_path, settings, monkeypatch, caplog, capfd):
    """The worker is a thread of this process; the data folder does not exist."""
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    write_tone(tmp_path / "tone.wav", 440)
    task = PreparationTask.from_file(tmp_path / "tone.wav", tmp_path, "band", tmp_path / "out", settings)
    messages = Messages()
    with pytest.raises(SystemExit):
        pipeline.run(Job("DirectRunner", ("direct_running_mode=multi_threading",), 1), [task], messages)
    [message] = messages
    assert message.startswith(f"{tmp_path}/out is not the same folder on ")


def test_errors_of_a_job_server_are_shortened():
    error = RuntimeError("Job failed:\n java.lang.Exception: no more\n" + "\tat org.apache.some.Class\n" * 99)
    assert (
        pipeline._message(error)
        == "RuntimeError: Job failed: java.lang.Exception: no more at org.apache.some.Class"
    )
    assert len(pipeline._message(RuntimeError("word " * 1000))) <= 400


def test_a_job_is_cancelled_with_its_launcher(monkeypatch):
    cancelled = []

    class Result:
        def wait_until_finish(self):
            pipeline._cancel()

        def cancel(self):
            cancelled.append(True)

    handlers = []
    monkeypatch.setattr(pipeline.beam.Pipeline, "run", lambda self: Result())
    monkeypatch.setattr(pipeline.signal, "signal", lambda *handler: handlers.append(handler))
    messages = Messages()
    pipeline.run(Job("FlinkRunner", (), 1), [], messages)
    assert cancelled == [True]
    assert messages == []
    assert handlers == [(pipeline.signal.SIGTERM, pipeline._cancel)]
