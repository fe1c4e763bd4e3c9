import json

import pytest

from pipelines.errors import UserError
from pipelines.evaluation.pairs import (
    RENDERING,
    Pair,
    band_path,
    find_pairs,
    find_sources,
    notes_path,
    soundfont_of,
    stem_of,
)
from tools.demo import DEMO_SONGS


def test_finds_the_three_pairs_of_the_demo():
    pairs = find_pairs(DEMO_SONGS / "truth")
    assert [pair.name for pair in pairs] == ["bwv336", "bwv356", "bwv436"]
    assert all(pair.source.is_file() and pair.band.is_file() for pair in pairs)


def test_a_name_may_have_dots(tmp_path):
    source, band = (tmp_path / f"No. 5.{end}" for end in ("source.wav", "band.wav"))
    for path in (source, band):
        path.touch()
    assert find_pairs(tmp_path) == [Pair("No. 5", source, band)]


def test_a_source_with_a_space_at_its_end_has_no_stem(tmp_path):
    (tmp_path / "one.source.wav ").touch()
    (source,) = find_sources(tmp_path)
    assert stem_of(source) is None


def test_a_source_without_its_partner_is_named(tmp_path):
    (tmp_path / "one.source.wav").touch()
    with pytest.raises(UserError, match=r"one\.source\.wav has no partner one\.band\.wav"):
        find_pairs(tmp_path)


def test_no_pair_at_all(tmp_path):
    with pytest.raises(UserError, match="holds no recordings named"):
        find_pairs(tmp_path)


def test_the_partner_may_have_another_format(tmp_path):
    source, band = tmp_path / "one.source.wav", tmp_path / "one.band.ogg"
    for path in (source, band, tmp_path / "one.notes.mid"):
        path.touch()
    assert find_pairs(tmp_path) == [Pair("one", source, band)]
    assert notes_path(source) == tmp_path / "one.notes.mid"
    band.unlink()
    assert band_path(source) is None


def test_the_soundfont_of_rendered_pairs(tmp_path):
    folder = tmp_path / "bench/test/rock"
    folder.mkdir(parents=True)
    assert soundfont_of(folder) == ""
    (tmp_path / "bench" / RENDERING).write_text(json.dumps({"soundfont": {"name": "mine", "sha256": "0f3"}}))
    assert soundfont_of(folder) == "mine (SHA-256 0f3)"
    (tmp_path / "bench" / RENDERING).write_text("{")
    assert soundfont_of(folder) == ""
