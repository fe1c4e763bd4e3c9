import json
import subprocess
import sys

import pytest

from pipelines.errors import UserError
from tests.tools.bench.scenes import works
from tools import benchmark_render
from tools.bench import plan
from tools.bench.plan import Size
from tools.bench.rendering import CHECKED, Outcome

SIZE = Size(content=4, band=4, test=4, judge=4, judges=1)


@pytest.fixture(scope="module")
def songs():
    return plan.plan(works(), SIZE)


def _render(song, soundfont, out):
    """In place of the real one: every file is its own path, those that soundfont names fail."""
    if soundfont and song.path == soundfont:
        return Outcome(song, None, f"{song.path} is silent")
    files = [song.path, *song.copies, *filter(None, [song.midi])]
    for path in (*files, f"{CHECKED}/{song.path}.json"):
        (out / path).parent.mkdir(parents=True, exist_ok=True)
        (out / path).write_text(json.dumps({"files": files}))
    row = {"path": song.path, "split": song.split, "seconds": 30.0, "bytes": 1000, "chroma_to_score": 0.9}
    return Outcome(song, row)


@pytest.fixture(autouse=True)
def _no_synthesiser(monkeypatch):
    monkeypatch.setattr(benchmark_render, "render", _render)


def test_the_catalogue_lists_every_file_and_copy(songs, tmp_path):
    benchmark_render.render_all(songs, None, tmp_path, 1)
    paths = {row["path"] for row in json.loads((tmp_path / "catalogue.json").read_text())}
    assert paths == {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.ogg")}
    assert len(list(tmp_path.glob("test/*/*.source.ogg"))) == 4 * 4
    assert len(list(tmp_path.glob("test/*/*.notes.mid"))) == 4 * 4


def test_a_failed_song_is_named_and_the_rest_goes_on(songs, tmp_path, capsys):
    bad = next(song.path for song in songs if song.split == "content")
    rows = benchmark_render.render_all(songs, bad, tmp_path, 1)
    assert f"left out: {bad} is silent" in capsys.readouterr().err
    assert bad not in {row["path"] for row in rows}
    assert sum(row["split"] == "content" for row in rows) == 3


def test_a_failed_test_song_takes_its_piece_from_all_bands(songs, tmp_path):
    bad = next(song for song in songs if song.path.endswith(".band.ogg"))
    rows = benchmark_render.render_all(songs, bad.path, tmp_path, 1)
    assert sum(row["split"] == "test" for row in rows) == 3 * 4 * 2
    assert not list(tmp_path.glob(f"test/*/{bad.piece.name}.*"))


def test_what_is_not_planned_any_more_goes_and_what_is_not_ours_stays(songs, tmp_path):
    (tmp_path / "content").mkdir()
    (tmp_path / "content" / "mine.ogg").touch()
    benchmark_render.render_all(songs, None, tmp_path, 1)
    benchmark_render.render_all(songs[:5], None, tmp_path, 1)
    kept = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.ogg")}
    assert kept == {"content/mine.ogg", *(song.path for song in songs[:5])}


def test_nothing_that_passes_is_one_sentence(songs, tmp_path):
    with pytest.raises(UserError, match=r"no rendering passed its check.*is silent"):
        benchmark_render.render_all(songs[:1], songs[0].path, tmp_path, 1)


def test_the_table_sums_each_folder(songs, tmp_path):
    lines = benchmark_render.table(benchmark_render.render_all(songs, None, tmp_path, 1)).splitlines()
    assert lines[1].split() == ["bands/baroque", "4", "2.0", "0.0", "0.900"]


@pytest.mark.parametrize("name", ["render", "inversion", "embedding"])
def test_each_benchmark_shows_its_own_flags(name):
    line = [sys.executable, "-m", "tools.cli", "benchmark", name, "--help"]
    done = subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"    coverband benchmark {name}" in done.stdout
    assert ("--soundfont" in done.stdout, "--pairs" in done.stdout) == (name == "render", name == "inversion")
