"""Tests of the command that turns answers into a table."""

import json

import pytest

from pipelines.evaluation.listening.key import Key
from tests import commands
from tests.evaluation.listening import small


@pytest.fixture(scope="module")
def test(tmp_path_factory):
    """Folder of a listening test; its answers are in `answers`: two good files, one of another test."""
    folder = small.write_test(tmp_path_factory.mktemp("listening")).parents[1]
    key = Key.load(folder)
    for name, rating in (("ann", 100), ("bob", 60)):
        small.save(folder / "answers" / f"{name}.json", small.answers(key, name, lambda *_, r=rating: r))
    small.save(folder / "answers" / "eve.json", {"format": "coverband-listening-results", "test": "x"})
    return folder


def _run(*arguments):
    return commands.run("coverband.commands.listening_results", *arguments)


def test_the_table_is_printed_and_written(test, tmp_path):
    done = _run("--test", test, test / "answers", "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("\n") == 1
    assert "eve.json is of another listening test" in done.stderr
    assert (
        "Participant bob is excluded: the hidden reference has less than 90 in 3 of 3 trials" in done.stdout
    )
    [row] = [line for line in done.stdout.splitlines() if line.startswith("EQ match")]
    assert row.split()[2:] == ["100.0", "[100.0,", "100.0]"] * 3 + ["6"]
    assert json.loads((tmp_path / "out" / "listening.json").read_text())["participants"] == ["ann"]
    assert "| EQ match | 100.0 " in (tmp_path / "out" / "listening.md").read_text()


def test_without_screening_everyone_counts(test):
    done = _run(
        "--test", test, test / "answers" / "ann.json", test / "answers" / "bob.json", "--screening=none"
    )
    assert done.returncode == 0, done.stderr
    [row] = [line for line in done.stdout.splitlines() if line.startswith("EQ match")]
    assert row.split()[2:5] == ["80.0", "[60.0,", "100.0]"]
    assert (test / "listening.md").is_file()


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--test", "nowhere", "a.json"], 1, "key.json does not exist: name a folder by"),
        ([], 2, "--test is missing"),
        (["--test", "{test}"], 1, "name the files that participants saved"),
        (["--test", "{test}", "--screening=all"], 2, "--screening=all is not possible"),
        (["--test", "{test}", "{test}/page"], 1, "holds no .json file"),
    ],
)
def test_bad_input_is_one_sentence(test, arguments, code, message):
    done = _run(*(each.format(test=test) for each in arguments))
    assert done.returncode == code
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
