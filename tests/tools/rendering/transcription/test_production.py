import json

import pytest

from pipelines.errors import UserError
from tests.tools.rendering.transcription.scenes import font, lessons, works
from tools.rendering import records
from tools.rendering.transcription import production
from tools.rendering.transcription.rendering import Outcome
from tools.rendering.transcription.soundfonts import Orchestra
from tools.rendering.transcription.splits import Take


@pytest.fixture
def planned(tmp_path):
    takes = [Take("test" if n % 3 == 0 else "train", work) for n, work in enumerate(works()[::12])]
    return lessons(takes, Orchestra({font(tmp_path): 1.0}, font(tmp_path, "held.sf2")))


@pytest.fixture(autouse=True)
def bad(monkeypatch):
    """No synthesiser and one process; lessons whose names are in this set fail."""
    names = set()

    def render(lesson, out):
        if lesson.name in names:
            return Outcome(lesson, None, f"{lesson.name} is silent")
        facts = {"split": lesson.split, "kind": lesson.work.kind, "soundfont": lesson.soundfont.name}
        row = {"name": lesson.name, "audio": lesson.audio, **facts, "seconds": 30.0, "chroma_to_score": 0.9}
        records.write(out / lesson.audio, b"sound")
        records.write(out / lesson.score, b"notes")
        records.remember(out, "key", {**row, "bytes": 5}, [lesson.audio, lesson.score])
        return Outcome(lesson, {**row, "bytes": 5})

    monkeypatch.setattr(production, "render", render)
    monkeypatch.setattr(
        production.worker_pool, "run", lambda f, tasks, jobs: ((t, f(t)) for t in reversed(tasks))
    )
    return names


def _files(out):
    return {str(path.relative_to(out)) for folder in ("audio", "notes") for path in (out / folder).iterdir()}


def test_the_list_has_every_lesson_in_order(planned, tmp_path):
    rows = production.render_all(planned, tmp_path / "out", 1)
    assert json.loads((tmp_path / "out" / "lessons.json").read_text()) == rows
    assert [row["name"] for row in rows] == [lesson.name for lesson in planned]
    assert "bytes" not in rows[0]


def test_a_failed_lesson_is_named_and_the_rest_goes_on(planned, bad, tmp_path, capsys):
    bad.add(planned[2].name)
    rows = production.render_all(planned, tmp_path / "out", 1)
    assert f"left out: {planned[2].name} is silent" in capsys.readouterr().err
    assert len(rows) == len(planned) - 1


def test_what_is_not_planned_any_more_goes_and_what_is_not_ours_stays(planned, tmp_path):
    production.render_all(planned, tmp_path / "out", 1)
    (tmp_path / "out" / "audio" / "mine.ogg").touch()
    production.render_all(planned[:2], tmp_path / "out", 1)
    kept = {path for lesson in planned[:2] for path in (lesson.audio, lesson.score)}
    assert _files(tmp_path / "out") == {"audio/mine.ogg", *kept}


def test_nothing_that_passes_is_one_sentence(planned, bad, tmp_path):
    bad.update(lesson.name for lesson in planned)
    with pytest.raises(UserError, match=r"no lesson passed.*is silent"):
        production.render_all(planned, tmp_path / "out", 1)


def test_a_full_disk_ends_the_run_and_a_dead_process_does_not(planned, tmp_path, monkeypatch, capsys):
    def run(results):
        return lambda f, tasks, jobs: ((task, results.get(n) or f(task)) for n, task in enumerate(tasks))

    monkeypatch.setattr(production.worker_pool, "run", run({1: RuntimeError("died")}))
    assert len(production.render_all(planned, tmp_path / "out", 1)) == len(planned) - 1
    assert f"{planned[1].name} could not be rendered (RuntimeError('died'))" in capsys.readouterr().err
    monkeypatch.setattr(production.worker_pool, "run", run({1: OSError("no space")}))
    with pytest.raises(OSError, match="no space"):
        production.render_all(planned, tmp_path / "out", 1)


def test_the_table_counts_by_split_kind_and_soundfont(planned, tmp_path):
    rows = production.render_all(planned, tmp_path / "out", 1)
    lines = {" ".join(line.split()[:2]): line.split()[2:] for line in production.table(rows).splitlines()[1:]}
    test = sum(lesson.split == "test" for lesson in planned)
    assert lines["split test"] == lines["soundfont held.sf2"] == [str(test), f"{test / 2:.1f}", "0.900"]
    assert {name.split()[1] for name in lines if name.startswith("kind")} == {x.work.kind for x in planned}
