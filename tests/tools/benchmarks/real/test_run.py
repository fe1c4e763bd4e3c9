"""Tests of the commands that are run on a corpus; the commands themselves have tests of their own."""

import json

import pytest

from pipelines.errors import UserError
from tools import processes
from tools.benchmarks.real import run


@pytest.fixture
def commands(monkeypatch):
    """Command lines that are run; those of a module in `failing` end with this exit code."""
    lines, failing = [], {}

    def record(module, *arguments):
        lines.append([module, *map(str, arguments)])
        if module in failing:
            raise SystemExit(failing[module])

    monkeypatch.setattr(processes, "run_command", record)
    return lines, failing


@pytest.fixture
def corpus(tmp_path):
    for domain in ("content", "band"):
        (tmp_path / "corpus" / domain).mkdir(parents=True)
    return tmp_path / "corpus"


def flags(corpus, *families):
    wanted = [flag for family in families for flag in ("--family", family)]
    return ["run", "--corpus", str(corpus), "--out", str(corpus / "out"), *wanted]


def test_all_families_are_trained_and_evaluated_together(commands, corpus):
    run.main(flags(corpus))
    prepare, *training, evaluate = commands[0]
    assert prepare[:2] == ["coverband.commands.prepare", "--content"]
    assert [line[0] for line in training] == [
        "vaegan.train",
        "cyclegan.train",
        "transcriber.content_decoder.train",
        "vaegan.disentangled.train",
        "vaegan.shared_latent.train",
    ]
    assert all(line[line.index("--data") + 1] == str(corpus / "data") for line in training)
    assert evaluate[0] == "coverband.commands.evaluate"
    models = [evaluate[place + 1] for place, each in enumerate(evaluate) if each == "--model"]
    assert models == [line[line.index("--workdir") + 1] for line in training]


def test_a_started_family_is_resumed_without_repeating_its_preset(commands, corpus):
    (corpus / "out/vaegan").mkdir(parents=True)
    (corpus / "out/vaegan/config.json").write_text(json.dumps({}))
    run.main(flags(corpus, "vaegan"))
    assert "--resume" in commands[0][1]
    assert "--preset" not in commands[0][1]


def test_a_failing_family_is_left_out_and_reported(commands, corpus, capfd):
    commands[1]["vaegan.train"] = 1
    run.main(flags(corpus, "vaegan", "cyclegan"))
    assert "vaegan is left out: its training failed" in capfd.readouterr().err
    assert str(corpus / "out/vaegan") not in commands[0][-1]
    assert str(corpus / "out/cyclegan") in commands[0][-1]


def test_an_interruption_ends_it(commands, corpus):
    commands[1]["vaegan.train"] = 130
    with pytest.raises(SystemExit):
        run.main(flags(corpus))
    assert len(commands[0]) == 2


def test_another_folder_is_refused(commands, tmp_path):
    with pytest.raises(
        UserError, match="holds no folder content: make it by `python -m tools benchmark real"
    ):
        run.main(flags(tmp_path))
