import json

import pytest

from pipelines.errors import UserError
from tests.tools.rendering.transcription.fakes import font, plan_recordings, works
from tools.rendering import records, render_pool
from tools.rendering.render_pool import Outcome
from tools.rendering.transcription import catalogue
from tools.rendering.transcription.soundfonts import SoundFonts
from tools.rendering.transcription.splits import SplitWork


@pytest.fixture
def planned(tmp_path):
    chosen = [SplitWork("test" if n % 3 == 0 else "train", work) for n, work in enumerate(works()[::12])]
    return plan_recordings(chosen, SoundFonts({font(tmp_path): 1.0}, font(tmp_path, "held.sf2")))


@pytest.fixture(autouse=True)
def bad(monkeypatch):
    """Fake of `render` in this process; the set of names of recordings that fail."""
    names = set()

    def render(recording, out):
        if recording.name in names:
            return Outcome(recording, None, f"{recording.name} is silent")
        facts = {"split": recording.split, "kind": recording.work.kind, "soundfont": recording.soundfont.name}
        row = {
            "name": recording.name,
            "audio": recording.path,
            **facts,
            "seconds": 30.0,
            "chroma_to_score": 0.9,
        }
        records.write(out / recording.path, b"sound")
        records.write(out / recording.midi, b"notes")
        records.save(out, "key", {**row, "bytes": 5}, [recording.path, recording.midi])
        return Outcome(recording, {**row, "bytes": 5})

    monkeypatch.setattr(catalogue, "render", render)
    monkeypatch.setattr(
        render_pool.worker_pool, "run", lambda f, tasks, jobs: ((t, f(t)) for t in reversed(tasks))
    )
    return names


def _files(out):
    return {str(path.relative_to(out)) for folder in ("audio", "notes") for path in (out / folder).iterdir()}


def test_catalogue_has_every_recording_in_order(planned, tmp_path):
    rows = catalogue.render_all(planned, tmp_path / "out", 1)
    assert json.loads((tmp_path / "out" / "recordings.json").read_text()) == rows
    assert [row["name"] for row in rows] == [recording.name for recording in planned]
    assert "bytes" not in rows[0]


def test_failed_recording_is_printed_and_left_out(planned, bad, tmp_path, capsys):
    bad.add(planned[2].name)
    rows = catalogue.render_all(planned, tmp_path / "out", 1)
    assert f"left out: {planned[2].name} is silent" in capsys.readouterr().err
    assert len(rows) == len(planned) - 1


def test_stale_files_are_removed_and_other_files_kept(planned, tmp_path):
    catalogue.render_all(planned, tmp_path / "out", 1)
    (tmp_path / "out" / "audio" / "mine.ogg").touch()
    catalogue.render_all(planned[:2], tmp_path / "out", 1)
    kept = {path for recording in planned[:2] for path in (recording.path, recording.midi)}
    assert _files(tmp_path / "out") == {"audio/mine.ogg", *kept}


def test_failure_of_all_recordings_is_a_user_error(planned, bad, tmp_path):
    bad.update(recording.name for recording in planned)
    with pytest.raises(UserError, match=r"no rendering passed.*is silent"):
        catalogue.render_all(planned, tmp_path / "out", 1)


def test_full_disk_ends_the_run_and_crashed_process_does_not(planned, tmp_path, monkeypatch, capsys):
    def run(results):
        return lambda f, tasks, jobs: ((task, results.get(n) or f(task)) for n, task in enumerate(tasks))

    monkeypatch.setattr(render_pool.worker_pool, "run", run({1: RuntimeError("died")}))
    assert len(catalogue.render_all(planned, tmp_path / "out", 1)) == len(planned) - 1
    assert f"{planned[1].path} could not be rendered (RuntimeError('died'))" in capsys.readouterr().err
    monkeypatch.setattr(render_pool.worker_pool, "run", run({1: OSError("no space")}))
    with pytest.raises(OSError, match="no space"):
        catalogue.render_all(planned, tmp_path / "out", 1)


def test_table_counts_by_split_kind_and_soundfont(planned, tmp_path):
    rows = catalogue.render_all(planned, tmp_path / "out", 1)
    lines = {" ".join(line.split()[:2]): line.split()[2:] for line in catalogue.table(rows).splitlines()[1:]}
    test = sum(recording.split == "test" for recording in planned)
    assert lines["split test"] == lines["soundfont held.sf2"] == [str(test), f"{test / 2:.1f}", "0.900"]
    assert {name.split()[1] for name in lines if name.startswith("kind")} == {x.work.kind for x in planned}
