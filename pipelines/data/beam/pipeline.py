"""The pipeline, and what hands it to one of Beam's runners; only this module imports Beam.

Beam's documentation: https://beam.apache.org/documentation/.
"""

from __future__ import annotations

import contextlib
import difflib
import io
import os
import re
import signal
import sys
import textwrap
import threading
import traceback
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection
from typing import Any, NoReturn

import apache_beam as beam
import grpc
from apache_beam.options.pipeline_options import PipelineOptions, StandardOptions
from apache_beam.runners.direct.direct_runner import DirectRunner
from apache_beam.runners.portability.fn_api_runner import FnApiRunner
from apache_beam.runners.runner import PipelineRunner, PipelineState, create_runner
from apache_beam.transforms.environments import SubprocessSDKEnvironment

from pipelines.data import worker_pool
from pipelines.data.beam import worker
from pipelines.data.beam.job import Job
from pipelines.data.shards import Task
from pipelines.errors import UserError

_WHERE = " [while running"
_LONGEST = 400


class _Cancelled(BaseException):
    """The launcher does not want the job any more."""


class _Prepare(beam.DoFn):
    """Prepares songs; nothing comes out."""

    def setup(self) -> None:
        self._decoder = worker_pool.Single()

    def process(self, task: Task) -> Iterator[Any]:
        worker.attempt(task, self._decoder)
        return iter(())

    def teardown(self) -> None:
        self._decoder.close()


def check(job: Job) -> None:
    """Finds a runner or an option that Beam does not know.

    Raises:
        UserError: naming it.
    """
    _runner(job.runner)
    told = io.StringIO()
    try:
        with contextlib.redirect_stderr(told):
            options = PipelineOptions(job.flags)
            known = options.get_all_options()
            everything = options.get_all_options(retain_unknown_options=True)
    except SystemExit as error:  # argparse's way to say that a value is not possible
        reason = told.getvalue().strip().rpartition("error: argument ")[2]
        raise UserError(f"--beam is not possible: {reason}") from error
    for name in everything.keys() - known.keys():
        near = difflib.get_close_matches(name, known)
        hint = f"did you mean {' or '.join(near)}?" if near else "is it of another version?"
        raise UserError(f"--beam {name}: Beam has no such option; {hint}")


def run(job: Job, tasks: Sequence[Task], answers: Connection) -> None:
    """Does the job, in a process of its own; SIGTERM cancels it.

    Args:
        job: the runner and its options.
        tasks: the songs, by absolute paths.
        answers: is sent the empty string if all went well, else what went wrong.
    """
    try:
        runner = _runner(job.runner)
        if isinstance(runner, FnApiRunner):
            threading.excepthook = lambda _: _give_up(answers)
        _submit(runner, job, tasks)
        answers.send("")
    except _Cancelled:
        pass
    except (Exception, SystemExit) as error:
        traceback.print_exc()
        answers.send(_said(error))
        sys.exit(1)


def _give_up(answers: Connection) -> NoReturn:
    """A process of the direct runner died, and so did the thread that watched it; Beam would wait forever."""
    answers.send("a worker's process died (too little memory?)")
    os._exit(1)


def _submit(runner: PipelineRunner, job: Job, tasks: Sequence[Task]) -> None:
    pipeline = beam.Pipeline(runner=runner, options=PipelineOptions(job.flags))
    # Reshuffled, each song may go to another worker; else one would do them all.
    _ = pipeline | beam.Create(tasks, reshuffle=False) | beam.Reshuffle() | beam.ParDo(_Prepare())
    result = pipeline.run()  # the direct runner does it all here; it dies of SIGTERM, and its workers with it
    signal.signal(signal.SIGTERM, _cancel)
    try:
        state = result.wait_until_finish()
    except _Cancelled:
        result.cancel()
        raise
    if state != PipelineState.DONE:
        raise RuntimeError(f"the job ended as {state}")


def _cancel(*_: object) -> NoReturn:
    raise _Cancelled


def _runner(name: str) -> PipelineRunner:
    try:
        runner = create_runner(name)
    except ImportError as error:
        raise UserError(f"--runner {name} cannot be used: {error}") from error
    except (AttributeError, TypeError, ValueError) as error:
        known = ", ".join(StandardOptions.KNOWN_RUNNER_NAMES)
        raise UserError(f"--runner {name} is not known: Beam has {known}") from error
    if not isinstance(runner, (DirectRunner, FnApiRunner)):
        return runner
    # Beam's DirectRunner prefers another, which it downloads, and which runs our code in this process alone.
    return FnApiRunner(default_environment=SubprocessSDKEnvironment.from_command_string(worker.command()))


def _said(error: BaseException) -> str:
    """One-line error message of an exception, without the workers' and Java's stack traces in its text."""
    if isinstance(error, grpc.FutureTimeoutError):
        return "nothing answers at its address"
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    of_worker = [line.partition(_WHERE)[0] for line in lines if _WHERE in line]
    if of_worker:
        line = re.sub(r"^(RuntimeError: )?(\S+\.UserError: )?", "", of_worker[-1])
    else:
        line = ": ".join([type(error).__name__, " ".join(lines[:3])])
    return textwrap.shorten(line, _LONGEST)
