import pytest

from tools.rendering import records


def _make(out, path, beside, key="k"):
    for file in (path, beside):
        (out / file).parent.mkdir(parents=True, exist_ok=True)
        (out / file).write_text("x")
    records.remember(out, key, {"bytes": 1}, [path, beside])


def test_what_is_known_is_of_the_same_key_there_and_whole(tmp_path):
    _make(tmp_path, "audio/a.ogg", "notes/a.mid")
    assert records.known(tmp_path, "audio/a.ogg", "k") == {"bytes": 1}
    assert records.known(tmp_path, "audio/a.ogg", "other") is None
    (tmp_path / "audio/a.ogg").write_text("longer")
    assert records.known(tmp_path, "audio/a.ogg", "k") is None


@pytest.mark.parametrize("path", ["audio/b.ogg", "../b.ogg"])
def test_of_a_file_never_made_nothing_is_known(tmp_path, path):
    assert records.known(tmp_path / "out", path, "k") is None


def test_what_is_not_wanted_goes_with_what_belongs_to_it_alone(tmp_path):
    _make(tmp_path, "audio/a.ogg", "notes/a.mid")
    _make(tmp_path, "audio/a.mp3", "notes/a.mid")  # As an earlier plan coded it; the notes are shared.
    _make(tmp_path, "audio/b.ogg", "notes/b.mid")
    (tmp_path / "mine.txt").write_text("not ours")
    records.remove_others(tmp_path, {"audio/a.ogg"})
    left = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file())
    assert left == [".checked/audio/a.ogg.json", "audio/a.ogg", "mine.txt", "notes/a.mid"]
