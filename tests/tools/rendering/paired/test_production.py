import json
from concurrent.futures.process import BrokenProcessPool

import pytest

from pipelines.errors import UserError
from tests.tools.rendering.paired.scenes import works
from tools.rendering.paired import plan, production
from tools.rendering.paired.plan import Size
from tools.rendering.paired.rendering import Outcome
from tools.rendering.records import CHECKED

SIZE = Size(content=4, band=4, test=4, judge=4, judges=1, melody=0)


@pytest.fixture(scope="module")
def songs():
    return plan.plan(works(), SIZE)


def _render(song, soundfont, out):
    """In place of the real one: a file says what belongs to it; the one that `soundfont` names fails."""
    if isinstance(soundfont, Exception):
        raise soundfont
    if soundfont and song.path == soundfont:
        return Outcome(song, None, f"{song.path} is silent")
    files = [song.path, *song.copies, *filter(None, [song.midi])]
    for path in (*files, f"{CHECKED}/{song.path}.json"):
        (out / path).parent.mkdir(parents=True, exist_ok=True)
        (out / path).write_text(json.dumps({"files": files}))
    row = {"path": song.path, "split": song.split, "seconds": 30.0, "bytes": 1000, "chroma_to_score": 0.9}
    return Outcome(song, row)


def _in_this_process(function, tasks, jobs):
    """In any order, and a failure is a result, as of the real one."""
    for task in reversed(tasks):
        try:
            yield task, function(task)
        except Exception as error:
            yield task, error


@pytest.fixture(autouse=True)
def _no_synthesiser(monkeypatch):
    monkeypatch.setattr(production, "render", _render)
    monkeypatch.setattr(production.worker_pool, "run", _in_this_process)


def test_the_catalogue_lists_every_file_and_copy(songs, tmp_path):
    production.render_all(songs, None, tmp_path, 1)
    paths = {row["path"] for row in json.loads((tmp_path / "catalogue.json").read_text())}
    assert paths == {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.ogg")}
    assert len(list(tmp_path.glob("test/*/*.source.ogg"))) == 4 * 4
    assert len(list(tmp_path.glob("test/*/*.notes.mid"))) == 4 * 4


def test_a_failed_song_is_named_and_the_rest_goes_on(songs, tmp_path, capsys):
    bad = next(song.path for song in songs if song.split == "content")
    rows = production.render_all(songs, bad, tmp_path, 1)
    assert f"left out: {bad} is silent" in capsys.readouterr().err
    assert bad not in {row["path"] for row in rows}
    assert sum(row["split"] == "content" for row in rows) == 3


def test_a_failed_test_song_takes_its_piece_from_all_bands(songs, tmp_path):
    bad = next(song for song in songs if song.path.endswith(".band.ogg"))
    rows = production.render_all(songs, bad.path, tmp_path, 1)
    assert sum(row["split"] == "test" for row in rows) == 3 * 4 * 2
    assert not list(tmp_path.glob(f"test/*/{bad.piece.name}.*"))


def test_what_is_not_planned_any_more_goes_and_what_is_not_ours_stays(songs, tmp_path):
    (tmp_path / "content").mkdir()
    (tmp_path / "content" / "mine.ogg").touch()
    production.render_all(songs, None, tmp_path, 1)
    production.render_all(songs[:5], None, tmp_path, 1)
    kept = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.ogg")}
    assert kept == {"content/mine.ogg", *(song.path for song in songs[:5])}


@pytest.mark.parametrize("text", ["{", "{}"])
def test_a_broken_record_of_what_is_not_planned_any_more_goes_with_its_file(songs, tmp_path, text):
    production.render_all(songs, None, tmp_path, 1)
    content = next(song.path for song in songs if song.split == "content")
    record = tmp_path / CHECKED / f"{content}.json"
    record.write_text(text)
    production.render_all([song for song in songs if song.path != content], None, tmp_path, 1)
    assert not record.exists()
    assert not (tmp_path / content).exists()


def test_nothing_that_passes_is_one_sentence(songs, tmp_path):
    with pytest.raises(UserError, match=r"no rendering passed its check.*is silent"):
        production.render_all(songs[:1], songs[0].path, tmp_path, 1)


def test_the_table_sums_each_folder(songs, tmp_path):
    lines = production.table(production.render_all(songs, None, tmp_path, 1)).splitlines()
    assert lines[1].split() == ["bands/baroque", "4", "2.0", "0.0", "0.900"]


def test_a_full_disk_ends_the_run(songs, tmp_path):
    with pytest.raises(OSError, match="no space"):
        production.render_all(songs, OSError("no space"), tmp_path, 1)


def test_a_process_that_died_is_a_song_left_out(songs, tmp_path):
    with pytest.raises(UserError, match=r"could not be rendered \(BrokenProcessPool"):
        production.render_all(songs, BrokenProcessPool(), tmp_path, 1)


def test_rows_are_in_the_songs_order(songs, tmp_path):
    rows = production.render_all(songs, None, tmp_path, 1)
    assert [row["path"] for row in rows] == [path for song in songs for path in (song.path, *song.copies)]
