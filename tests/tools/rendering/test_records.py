import pytest

from tools.rendering import records


def _save(out, path, beside, key="k"):
    for file in (path, beside):
        (out / file).parent.mkdir(parents=True, exist_ok=True)
        (out / file).write_text("x")
    records.save(out, key, {"bytes": 1}, [path, beside])


def test_row_of_a_complete_file_with_the_same_key(tmp_path):
    _save(tmp_path, "audio/a.ogg", "notes/a.mid")
    assert records.load(tmp_path, "audio/a.ogg", "k") == {"bytes": 1}
    assert records.load(tmp_path, "audio/a.ogg", "other") is None
    (tmp_path / "audio/a.ogg").write_text("longer")
    assert records.load(tmp_path, "audio/a.ogg", "k") is None


@pytest.mark.parametrize("path", ["audio/b.ogg", "../b.ogg"])
def test_missing_record(tmp_path, path):
    assert records.load(tmp_path / "out", path, "k") is None


def test_stale_files_are_removed_with_those_that_belong_to_them_only(tmp_path):
    _save(tmp_path, "audio/a.ogg", "notes/a.mid")
    _save(tmp_path, "audio/a.mp3", "notes/a.mid")  # the coding of an earlier plan; both share the notes
    _save(tmp_path, "audio/b.ogg", "notes/b.mid")
    (tmp_path / "mine.txt").write_text("not ours")
    records.remove_stale(tmp_path, {"audio/a.ogg"})
    left = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file())
    assert left == [".checked/audio/a.ogg.json", "audio/a.ogg", "mine.txt", "notes/a.mid"]
