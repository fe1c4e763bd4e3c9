import json

import pytest

from pipelines.errors import UserError
from tools.demo import render

ROW = {
    "path": "band/x.ogg",
    "split": "band",
    "seconds": 90.0,
    "bytes": 2_000_000,
    "rms": 0.06,
    "peak": 0.4,
    "chroma_to_score": 0.85,
}
PAIR = {**ROW, "path": "truth/x.source.ogg", "split": "truth", "chroma_to_band": 0.9}


def test_valid_corpus_passes():
    render.check([ROW, PAIR])


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({**PAIR, "chroma_to_band": 0.79}, "truth/x.source.ogg has a chroma_to_band of 0.79"),
        ({**ROW, "chroma_to_score": 0.5}, "band/x.ogg has a chroma_to_score of 0.5"),
        ({**ROW, "bytes": 19_000_000}, "the corpus takes 23.0 MB"),
    ],
)
def test_invalid_corpus_is_a_user_error(bad, message):
    with pytest.raises(UserError, match=message):
        render.check([bad, ROW, PAIR])


def test_table_sums_minutes_and_megabytes_of_each_split():
    lines = render.table([ROW, ROW, PAIR]).splitlines()
    assert "chroma to band 0.900" in lines[2]
    assert lines[-2].split() == ["band", "2", "files", "3.0", "min", "4.0", "MB"]


def test_new_songs_replace_old_ones(tmp_path):
    for split in render.SPLITS:
        (tmp_path / "new" / split).mkdir(parents=True)
        (tmp_path / "new" / split / "new.ogg").touch()
    (tmp_path / "out" / "band").mkdir(parents=True)
    (tmp_path / "out" / "band" / "old.ogg").touch()
    render._install([ROW], tmp_path / "new", tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").rglob("*.ogg")] == ["new.ogg"] * 3
    assert json.loads((tmp_path / "out" / "catalogue.json").read_text()) == [ROW]
