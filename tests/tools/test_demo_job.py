"""What the demo starts, and with which flags; tests/end_to_end runs it."""

from pathlib import Path

import pytest

from pipelines.errors import UserError
from tools import demo_job, demo_report, demo_scores, stages
from tools.pairs import DEMO_SONGS


@pytest.fixture
def commands(monkeypatch):
    """The command lines that a demo would start, by module; nothing is run, and ours is 8 dB off."""
    started: dict[str, list[str]] = {}
    monkeypatch.setattr(
        stages, "command", lambda module, *rest: started.update({module: [str(each) for each in rest]})
    )
    monkeypatch.setattr(demo_report, "write", lambda *_: report(8.0))
    return started


@pytest.fixture
def folders(tmp_path):
    return demo_job.Folders(DEMO_SONGS, tmp_path / "work", tmp_path / "out")


def report(ours: float) -> demo_scores.Table:
    scores = zip(("copy the source", "EQ match", "Coverband"), (12.0, 11.0, ours), strict=True)
    return demo_scores.Table({"piece": {row: demo_scores.Score(error, 0.9, 0.9) for row, error in scores}})


def test_the_stages_in_order_on_the_repositorys_songs(commands, folders, capsys):
    demo_job.run(folders, demo_job.Training("cyclegan_tiny"))
    assert list(commands) == ["tools.prepare", "cyclegan.train", "tools.translate", "tools.export"]
    prepare = commands["tools.prepare"]
    assert prepare[:4] == ["--content", str(DEMO_SONGS / "content"), "--band", str(DEMO_SONGS / "band")]
    inputs = [each for each in commands["tools.translate"] if each.startswith("--input=")]
    assert [Path(each).name for each in inputs] == [f"bwv{number}.source.ogg" for number in (330, 364, 375)]
    out = capsys.readouterr().out
    assert "The demo's claim holds: the cover's error to the truth is 8.00 dB" in out
    assert f"tensorboard --logdir {folders.run}" in out


def test_training_starts_and_then_resumes(commands, folders):
    demo_job.run(folders, demo_job.Training("cyclegan_tiny"))
    assert not {"--resume", "--steps"} & set(commands["cyclegan.train"])
    folders.run.mkdir(parents=True)
    (folders.run / "config.json").touch()
    demo_job.run(folders, demo_job.Training("cyclegan_tiny", 7, ("data.frames=32",)))
    line = " ".join(commands["cyclegan.train"])
    assert "--set=data.frames=32 --steps 7 --resume" in line


def test_a_claim_that_fails_is_a_user_error(commands, folders, monkeypatch):
    monkeypatch.setattr(demo_report, "write", lambda *_: report(11.55))
    with pytest.raises(UserError, match=r"the demo's claim fails: .* 5 % above EQ match"):
        demo_job.run(folders, demo_job.Training("cyclegan_tiny"))


def test_without_the_corpus_nothing_is_started(commands, tmp_path):
    with pytest.raises(UserError, match="content is not there: run the demo in a checkout"):
        demo_job.run(demo_job.Folders(tmp_path, tmp_path, tmp_path), demo_job.Training("cyclegan_tiny"))
    assert not commands
