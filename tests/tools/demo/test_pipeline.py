"""Commands of the demo and their flags; tests/end_to_end runs the demo."""

from pathlib import Path

import pytest

from pipelines.errors import UserError
from tools import processes
from tools.demo import DEMO_SONGS, pipeline
from tools.demo import report as demo_report
from tools.demo import scores as demo_scores


@pytest.fixture
def commands(monkeypatch):
    """Command lines of the demo, which are not run; the error of the covers is 8 dB."""
    started: list[tuple[str, list[str]]] = []
    monkeypatch.setattr(
        processes, "run_command", lambda module, *rest: started.append((module, [str(each) for each in rest]))
    )
    monkeypatch.setattr(demo_report, "write", lambda *_: report(8.0))
    return started


@pytest.fixture
def folders(tmp_path):
    return pipeline.Folders(DEMO_SONGS, tmp_path / "work", tmp_path / "out")


def report(ours: float) -> demo_scores.Table:
    scores = zip((demo_scores.COPY, demo_scores.EQ_MATCH, demo_scores.OURS), (12.0, 11.0, ours), strict=True)
    return demo_scores.Table({"piece": {row: demo_scores.Score(error, 0.9, 0.9) for row, error in scores}})


def arguments(commands, module):
    return [line for name, line in commands if name == module][-1]


def test_commands_on_the_songs_of_the_repository(commands, folders, capsys):
    pipeline.run(folders, pipeline.Training())
    per_model = [
        "vaegan.train",
        "coverband.commands.translate",
        "vaegan.train",
        "coverband.commands.translate",
        "cyclegan.train",
        "coverband.commands.translate",
    ]
    assert [module for module, _ in commands] == [
        "coverband.commands.prepare",
        "coverband.commands.translate",
        *per_model,
        "coverband.commands.export",
    ]
    prepare = arguments(commands, "coverband.commands.prepare")
    assert prepare[:4] == ["--content", str(DEMO_SONGS / "content"), "--band", str(DEMO_SONGS / "band")]
    for module, line in commands:
        inputs = [each for each in line if each.startswith("--input=")]
        if module == "coverband.commands.translate":
            names = [Path(each).name for each in inputs]
            assert names == [f"bwv{number}.source.ogg" for number in (336, 356, 436)]
    two_minutes, main = (line for module, line in commands if module == "vaegan.train")
    assert two_minutes[-4:] == ["--preset", "vaegan_base", "--init", "shipped"]
    assert "--init" not in main
    assert arguments(commands, "coverband.commands.export")[:2] == ["--model", str(folders.run("vaegan"))]
    out = capsys.readouterr().out
    assert "The demo's claim holds: the cover's error to the truth is 8.00 dB" in out
    assert f"tensorboard --logdir {folders.work}" in out
    assert "=== 7/7" in out


def test_each_model_has_covers_and_a_row(commands, folders, monkeypatch):
    rows = []
    monkeypatch.setattr(
        demo_report, "write", lambda pairs, data, band, covers, out: rows.append(covers) or report(8.0)
    )
    pipeline.run(folders, pipeline.Training())
    written = [
        line[line.index("--output") + 1]
        for module, line in commands
        if module == "coverband.commands.translate"
    ]
    assert sorted(str(folder) for folder in rows[0].values()) == sorted(written)
    assert set(rows[0]) == {
        demo_scores.AT_ONCE, demo_scores.TWO_MINUTES, demo_scores.OURS, demo_scores.OTHER,
    }  # fmt: skip


def test_without_comparison(commands, folders, capsys):
    pipeline.run(folders, pipeline.Training(compare=False))
    assert "cyclegan.train" not in [module for module, _ in commands]
    assert "=== 5/5" in capsys.readouterr().out


def test_training_starts_and_then_resumes(commands, folders):
    pipeline.run(folders, pipeline.Training())
    assert "--resume" not in arguments(commands, "vaegan.train")
    commands.clear()
    folders.run("vaegan").mkdir(parents=True)
    (folders.run("vaegan") / "config.json").touch()
    pipeline.run(folders, pipeline.Training(7, ("vaegan.data.frames=32", "cyclegan.loss.cycle=5")))
    line = " ".join(arguments(commands, "vaegan.train"))
    assert "--steps 7" in line
    assert line.endswith("--set=data.frames=32 --resume")
    assert " ".join(arguments(commands, "cyclegan.train")).endswith("--set=loss.cycle=5")


def test_change_without_a_family_is_a_user_error(commands, folders):
    with pytest.raises(UserError, match=r"--set loss.cycle=5: begin with the family, vaegan or cyclegan"):
        pipeline.run(folders, pipeline.Training(changes=("loss.cycle=5",)))
    assert not commands


def test_failed_claim_is_a_user_error(commands, folders, monkeypatch):
    monkeypatch.setattr(demo_report, "write", lambda *_: report(11.55))
    with pytest.raises(UserError, match=r"the demo's claim fails: .* 5 % above EQ match"):
        pipeline.run(folders, pipeline.Training())


def test_missing_corpus_is_a_user_error(commands, tmp_path):
    with pytest.raises(UserError, match="content is not there: run the demo in a checkout"):
        pipeline.run(pipeline.Folders(tmp_path, tmp_path, tmp_path), pipeline.Training())
    assert not commands
