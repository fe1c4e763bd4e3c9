"""`python -m tools benchmark reading` as a command, on tiny data."""

import subprocess
import sys

import numpy as np
import pytest
import soundfile

pytestmark = pytest.mark.slow

# One process saves the start of several.
SINGLE_PROCESS = """
import sys
from pipelines import console
from pipelines.data import worker_pool
from tools.benchmarks import reading
worker_pool.run = lambda function, tasks, jobs: ((task, function(task)) for task in tasks)
console.run(reading.main, ["benchmark", *sys.argv[1:]])
"""


def _run(*arguments):
    command = [sys.executable, "-c", SINGLE_PROCESS, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


def test_both_pipelines_have_a_row(tmp_path):
    for number, domain in enumerate(("content", "band")):
        (tmp_path / domain).mkdir()
        noise = np.random.default_rng(number).normal(scale=0.1, size=(3 * 44100, 2)).clip(-1, 1)
        for name in ("a.ogg", "b.flac"):
            soundfile.write(tmp_path / domain / name, noise, 44100)
    folders = ("--content", tmp_path / "content", "--band", tmp_path / "band")
    done = _run(*folders, "--hours", 0.01, "--seconds", 0.2, "--jobs", 1)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("0.00 hours: prepared in ")
    rows = [line.strip("| ").split(" | ") for line in done.stdout.splitlines() if line.startswith("| 0")]
    assert [row[:3] for row in rows] == [
        ["0.01", "12", "prepared"],
        ["0.01", "12", "compressed"],
    ]
    assert all(float(row[4]) > 0 for row in rows)
    assert [row[5] for row in rows[::2]] == ["1.00"]


def test_invalid_size_is_a_user_error(tmp_path):
    done = _run("--content", tmp_path, "--band", tmp_path, "--hours", "many")
    assert done.returncode == 1
    assert "--hours many: write sizes in hours" in done.stderr
    assert "Traceback" not in done.stderr
