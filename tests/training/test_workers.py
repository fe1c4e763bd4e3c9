"""Several processes train together over the loopback; each of them is killed and started again."""

import json
import os
import socket
import subprocess
import sys

import pytest

from tests.training import worker

pytestmark = pytest.mark.slow


def start(workdir, addresses, index, *arguments):
    """A worker, its output in files beside the run's folder."""
    task = {"cluster": {"worker": addresses}, "task": {"type": "worker", "index": index}}
    environment = {**os.environ, "TF_CONFIG": json.dumps(task), "TF_CPP_MIN_LOG_LEVEL": "3"}
    environment |= {"CUDA_VISIBLE_DEVICES": "-1"}
    command = [sys.executable, "-m", worker.__name__, str(workdir), *arguments]
    with (workdir.parent / f"worker{index}.log").open("a") as log:
        return subprocess.Popen(command, env=environment, stdout=log, stderr=log)


def free_addresses(count):
    sockets = [socket.create_server(("localhost", 0)) for _ in range(count)]
    addresses = [f"localhost:{each.getsockname()[1]}" for each in sockets]
    for each in sockets:
        each.close()
    return addresses


def losses(said):
    """By step, what a worker has said of it."""
    found = {}
    for line in said.splitlines():
        step, _, loss = line.partition(" ")
        if step.isdigit():
            found.setdefault(int(step), []).append(float(loss))
    return found


def of_one_device(workdir, monkeypatch, capsys):
    """The losses, by step."""
    monkeypatch.setattr(sys, "argv", ["worker", str(workdir), "--strategy", "none"])
    worker.main()
    return losses(capsys.readouterr().out)


def test_two_workers_learn_what_one_device_does_and_survive_kills(tmp_path, monkeypatch, capsys):
    workdir, addresses = tmp_path / "run", free_addresses(2)
    chief = start(workdir, addresses, 0, "--death", "5")
    # Step 2 was saved: step 3, which the chief may end or not, is done again.
    assert start(workdir, addresses, 1, "--death", "3").wait(timeout=300) == -9
    second = start(workdir, addresses, 1, "--resume")
    # So is step 5, by a new chief.
    assert chief.wait(timeout=300) == -9
    chief = start(workdir, addresses, 0, "--resume")
    assert (chief.wait(timeout=300), second.wait(timeout=300)) == (0, 0)
    said = [(tmp_path / f"worker{index}.log").read_text() for index in (0, 1)]
    assert all("another worker is gone" in one for one in said)
    assert all(f"going on from step {2 * worker.EVERY}" in one for one in said)
    assert f"going on from step {worker.EVERY}\n" in said[0]
    alone = of_one_device(tmp_path / "alone", monkeypatch, capsys)
    for found in map(losses, said):
        assert set(found) == set(alone) == set(range(1, worker.STEPS + 1))
        for step, values in found.items():
            assert values == pytest.approx(alone[step] * len(values), abs=2e-6)
    times = [len(losses(said[0])[step]) for step in range(1, worker.STEPS + 1)]
    assert times[2] in (1, 2)
    assert times[:2] + times[3:] == [1, 1, 1, 2, 1]
    kept = {path.stem for path in (workdir / "checkpoints").glob("*.index")}
    assert kept == {"step-2", "step-4", "step-6"}
