"""Beam pipeline and its submission to a runner; only this module imports Beam.

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
from pipelines.data.shards import PreparationTask
from pipelines.errors import UserError

_STEP_NAME = " [while running"
_MAX_MESSAGE = 400


class _Cancelled(BaseException):
    """Cancellation of the job by its launcher."""


class _Prepare(beam.DoFn):
    """Beam function that prepares songs; its output is empty."""

    def setup(self) -> None:
        self._decoder = worker_pool.SingleWorker()

    def process(self, task: PreparationTask) -> Iterator[Any]:
        worker.prepare_song(task, self._decoder)
        return iter(())

    def teardown(self) -> None:
        self._decoder.close()


def check(job: Job) -> None:
    """Checks the runner and the options of a job.

    Raises:
        UserError: if Beam does not know one of them.
    """
    _runner(job.runner)
    output = io.StringIO()
    try:
        with contextlib.redirect_stderr(output):
            options = PipelineOptions(job.flags)
            known = options.get_all_options()
            everything = options.get_all_options(retain_unknown_options=True)
    except SystemExit as error:  # raised by argparse for an invalid value
        reason = output.getvalue().strip().rpartition("error: argument ")[2]
        raise UserError(f"--beam is not possible: {reason}") from error
    for name in everything.keys() - known.keys():
        near = difflib.get_close_matches(name, known)
        hint = f"did you mean {' or '.join(near)}?" if near else "is it of another version?"
        raise UserError(f"--beam {name}: Beam has no such option; {hint}")


def run(job: Job, tasks: Sequence[PreparationTask], messages: Connection) -> None:
    """Runs the job, in a process of its own; SIGTERM cancels it.

    Args:
        job: the runner and its options.
        tasks: of the songs, with absolute paths.
        messages: receives the empty string on success, else an error message.
    """
    try:
        runner = _runner(job.runner)
        if isinstance(runner, FnApiRunner):
            threading.excepthook = lambda _: _give_up(messages)
        _submit(runner, job, tasks)
        messages.send("")
    except _Cancelled:
        pass
    except (Exception, SystemExit) as error:
        traceback.print_exc()
        messages.send(_message(error))
        sys.exit(1)


def _give_up(messages: Connection) -> NoReturn:
    """Ends the driver after a crash of the direct runner's worker, for which Beam would wait forever."""
    messages.send("a worker's process died (too little memory?)")
    os._exit(1)


def _submit(runner: PipelineRunner, job: Job, tasks: Sequence[PreparationTask]) -> None:
    pipeline = beam.Pipeline(runner=runner, options=PipelineOptions(job.flags))
    # Reshuffle distributes the songs; without it, one worker would prepare them all.
    _ = pipeline | beam.Create(tasks, reshuffle=False) | beam.Reshuffle() | beam.ParDo(_Prepare())
    result = pipeline.run()  # the direct runner works here; SIGTERM ends it and its workers
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
    # Beam's DirectRunner prefers Prism, which it downloads and which would run our code in this process only.
    return FnApiRunner(default_environment=SubprocessSDKEnvironment.from_command_string(worker.command()))


def _message(error: BaseException) -> str:
    """One-line error message of an exception, without the workers' and Java's stack traces in its text."""
    if isinstance(error, grpc.FutureTimeoutError):
        return "nothing answers at its address"
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    worker_lines = [line.partition(_STEP_NAME)[0] for line in lines if _STEP_NAME in line]
    if worker_lines:
        line = re.sub(r"^(RuntimeError: )?(\S+\.UserError: )?", "", worker_lines[-1])
    else:
        line = ": ".join([type(error).__name__, " ".join(lines[:3])])
    return textwrap.shorten(line, _MAX_MESSAGE)
