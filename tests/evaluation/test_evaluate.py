"""Tests of the command in a process of its own."""

import numpy as np
import pytest

from pipelines.evaluation.listening.key import Key
from tests import commands
from tests.evaluation import small


def _evaluate(*arguments):
    return commands.run("coverband.commands.evaluate", *arguments)


@pytest.mark.slow
def test_end_to_end(folder, tmp_path):
    """Without the truth, which leaves the fewest columns; one of the models does not exist."""
    flags = [
        "--data",
        folder / "data",
        "--model",
        folder / "run",
        "--model",
        "nowhere",
        "--name",
        "mine",
        "--jobs=1",
    ]
    done = _evaluate(*flags, "--out", tmp_path, "--listening_test", tmp_path / "listening")
    assert done.returncode == 0, done.stderr
    assert "warning: nowhere is left out: nowhere is not a folder" in done.stderr
    assert any(line.startswith("mine  ") for line in done.stdout.splitlines())
    names = ("evaluation.json", "evaluation.md", "report.html", "audio/mine/song-3*.ogg")
    assert all(list(tmp_path.glob(name)) for name in names)
    key = Key.load(tmp_path / "listening")
    names = [each.name for each in key.systems]
    assert {"copy the source", "EQ match", "mine"} <= set(names)
    assert not any(name.endswith("of the band") for name in names)
    assert done.stdout.endswith(
        f"give {tmp_path}/listening/page to listeners, and keep {tmp_path}/listening/key.json\n"
    )
    assert (tmp_path / "listening/page/index.html").is_file()


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--data", "nowhere", "--out", "out"], 1, "nowhere does not exist"),
        (["--out", "out"], 2, "--data is missing"),
        (["--data", "data", "--out", "out", "--strength", "1.5"], 2, "--strength"),
        (["--data", "data", "--out", "out", "--closeness", "1.5"], 2, "--closeness"),
        (["--data", "data", "--out", "out", "--listening_test", "/dev/null"], 1, "with --listening_test"),
    ],
)
def test_invalid_flags_are_one_sentence(arguments, code, message):
    done = _evaluate(*arguments)
    assert done.returncode == code
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


def test_nothing_to_evaluate_is_an_error(folder, tmp_path):
    small.write(tmp_path / "one.source.wav", np.zeros(30000))
    done = _evaluate("--data", folder / "data", "--pairs", tmp_path, "--out", tmp_path / "out")
    assert done.returncode == 1
    assert "holds no song that can be evaluated" in done.stderr
    assert "Traceback" not in done.stderr
