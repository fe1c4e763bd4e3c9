import hashlib
import json
from concurrent.futures.process import BrokenProcessPool

import pytest

from pipelines.errors import UserError
from pipelines.evaluation import pairs
from tests.tools.rendering.paired.fakes import works
from tools.rendering import render_pool
from tools.rendering.paired import catalogue, plan
from tools.rendering.paired.plan import Size
from tools.rendering.records import CHECKED
from tools.rendering.render_pool import Outcome

SIZE = Size(content=4, band=4, test=4, metric=4, metric_ensembles=1, melody=0)


@pytest.fixture(scope="module")
def recordings():
    return plan.plan(works(), SIZE)


def _render(recording, soundfont, out):
    """Fake of `render`: writes records in place of files; the path given as `soundfont` fails."""
    if isinstance(soundfont, Exception):
        raise soundfont
    if soundfont and recording.path == soundfont:
        return Outcome(recording, None, f"{recording.path} is silent")
    files = [recording.path, *recording.copies, *filter(None, [recording.midi])]
    for path in (*files, f"{CHECKED}/{recording.path}.json"):
        (out / path).parent.mkdir(parents=True, exist_ok=True)
        (out / path).write_text(json.dumps({"files": files}))
    row = {
        "path": recording.path,
        "split": recording.split,
        "seconds": 30.0,
        "bytes": 1000,
        "chroma_to_score": 0.9,
    }
    return Outcome(recording, row)


def _in_this_process(function, tasks, jobs):
    """Fake of `worker_pool.run` in this process, in reverse order."""
    for task in reversed(tasks):
        try:
            yield task, function(task)
        except Exception as error:
            yield task, error


@pytest.fixture(autouse=True)
def _no_synthesiser(monkeypatch):
    monkeypatch.setattr(catalogue, "render", _render)
    monkeypatch.setattr(render_pool.worker_pool, "run", _in_this_process)


def test_catalogue_lists_every_file_and_copy(recordings, tmp_path):
    catalogue.render_all(recordings, None, tmp_path, 1)
    paths = {row["path"] for row in json.loads((tmp_path / "catalogue.json").read_text())}
    assert paths == {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.ogg")}
    assert len(list(tmp_path.glob("test/*/*.source.ogg"))) == 4 * 4
    assert len(list(tmp_path.glob("test/*/*.notes.mid"))) == 4 * 4


def test_the_settings_name_the_soundfont(recordings, tmp_path):
    font = tmp_path / "TimGM6mb.sf2"
    font.write_bytes(b"sounds")
    catalogue.write_settings(tmp_path, font, "small", 3)
    assert json.loads((tmp_path / "rendering.json").read_text()) == {
        "soundfont": {"name": "TimGM6mb", "sha256": hashlib.sha256(b"sounds").hexdigest()},
        "size": "small",
        "seed": 3,
    }
    assert pairs.soundfont_of(tmp_path / "test" / "rock").startswith("TimGM6mb (SHA-256 ")
    catalogue.render_all(recordings, None, tmp_path, 1)
    assert pairs.soundfont_of(tmp_path / "test" / "rock") == ""


def test_a_failed_song_is_named_and_the_rest_goes_on(recordings, tmp_path, capsys):
    bad = next(recording.path for recording in recordings if recording.split == "content")
    rows = catalogue.render_all(recordings, bad, tmp_path, 1)
    assert f"left out: {bad} is silent" in capsys.readouterr().err
    assert bad not in {row["path"] for row in rows}
    assert sum(row["split"] == "content" for row in rows) == 3


def test_a_failed_test_song_takes_its_piece_from_all_bands(recordings, tmp_path):
    bad = next(recording for recording in recordings if recording.path.endswith(".band.ogg"))
    rows = catalogue.render_all(recordings, bad.path, tmp_path, 1)
    assert sum(row["split"] == "test" for row in rows) == 3 * 4 * 2
    assert not list(tmp_path.glob(f"test/*/{bad.piece.name}.*"))


def test_stale_files_are_removed_and_other_files_kept(recordings, tmp_path):
    (tmp_path / "content").mkdir()
    (tmp_path / "content" / "mine.ogg").touch()
    catalogue.render_all(recordings, None, tmp_path, 1)
    catalogue.render_all(recordings[:5], None, tmp_path, 1)
    kept = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.ogg")}
    assert kept == {"content/mine.ogg", *(recording.path for recording in recordings[:5])}


@pytest.mark.parametrize("text", ["{", "{}"])
def test_stale_file_with_a_damaged_record_is_removed(recordings, tmp_path, text):
    catalogue.render_all(recordings, None, tmp_path, 1)
    content = next(recording.path for recording in recordings if recording.split == "content")
    record = tmp_path / CHECKED / f"{content}.json"
    record.write_text(text)
    catalogue.render_all(
        [recording for recording in recordings if recording.path != content], None, tmp_path, 1
    )
    assert not record.exists()
    assert not (tmp_path / content).exists()


def test_failure_of_all_recordings_is_a_user_error(recordings, tmp_path):
    with pytest.raises(UserError, match=r"no rendering passed its check.*is silent"):
        catalogue.render_all(recordings[:1], recordings[0].path, tmp_path, 1)


def test_the_table_sums_each_folder(recordings, tmp_path):
    lines = catalogue.table(catalogue.render_all(recordings, None, tmp_path, 1)).splitlines()
    assert lines[1].split() == ["bands/baroque", "4", "2.0", "0.0", "0.900"]


def test_a_full_disk_ends_the_run(recordings, tmp_path):
    with pytest.raises(OSError, match="no space"):
        catalogue.render_all(recordings, OSError("no space"), tmp_path, 1)


def test_crashed_process_is_a_failed_recording(recordings, tmp_path):
    with pytest.raises(UserError, match=r"could not be rendered \(BrokenProcessPool"):
        catalogue.render_all(recordings, BrokenProcessPool(), tmp_path, 1)


def test_rows_are_in_the_songs_order(recordings, tmp_path):
    rows = catalogue.render_all(recordings, None, tmp_path, 1)
    assert [row["path"] for row in rows] == [
        path for recording in recordings for path in (recording.path, *recording.copies)
    ]
