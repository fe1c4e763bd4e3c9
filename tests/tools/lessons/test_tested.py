import dataclasses

import pytest

from tests.tools.bench.scenes import works
from tools.bench.plan import Size, plan
from tools.lessons import tested

SIZE = Size(content=4, band=4, test=4, judge=4, judges=1, melody=0)


@pytest.fixture
def found(tmp_path, monkeypatch):
    monkeypatch.setattr(tested, "SIZES", {"small": SIZE})
    monkeypatch.setattr(tested, "_demo", lambda benchmark: [benchmark[-1].piece])
    return tested.tested(works(), tmp_path)


def test_what_the_benchmark_and_the_demo_test_on_is_forbidden_and_no_other(found):
    songs = plan(works(), SIZE)
    forbidden = {song.work.piece.name for song in songs if song.split in ("test", "judge")}
    forbidden.add(works()[-1].piece.name)
    assert {work.piece.name for work in works() if found.has(work.piece)} == forbidden
    assert len(forbidden) < 12


def test_an_excerpt_under_another_name_and_key_is_forbidden_too(found):
    song = next(song for song in plan(works(), SIZE) if song.split == "test")
    notes = tuple(dataclasses.replace(note, pitch=note.pitch + 3) for note in song.piece.notes)
    assert found.has(dataclasses.replace(song.piece, name="other", notes=notes))


def test_it_is_kept_and_made_again_for_other_works(found, tmp_path, monkeypatch):
    monkeypatch.setattr(tested, "_tested", lambda benchmark: 1 / 0)
    assert tested.tested(works(), tmp_path) == found
    with pytest.raises(ZeroDivisionError):
        tested.tested(works()[1:], tmp_path)


def test_a_broken_file_is_made_again(found, tmp_path):
    (tmp_path / "tested.json").write_text('{"key":')
    assert tested.tested(works(), tmp_path) == found
