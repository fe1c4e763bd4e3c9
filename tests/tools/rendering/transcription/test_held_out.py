import dataclasses

import pytest

from tests.tools.rendering.paired.scenes import works
from tools.rendering.paired.plan import Size, plan
from tools.rendering.transcription import held_out

SIZE = Size(content=4, band=4, test=4, judge=4, judges=1, melody=0)


@pytest.fixture
def found(tmp_path, monkeypatch):
    monkeypatch.setattr(held_out, "SIZES", {"small": SIZE})
    monkeypatch.setattr(held_out, "_demo", lambda benchmark: [benchmark[-1].piece])
    return held_out.tested(works(), tmp_path)


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
    monkeypatch.setattr(held_out, "_tested", lambda benchmark: 1 / 0)
    assert held_out.tested(works(), tmp_path) == found
    with pytest.raises(ZeroDivisionError):
        held_out.tested(works()[1:], tmp_path)


def test_a_broken_file_is_made_again(found, tmp_path):
    (tmp_path / "tested.json").write_text('{"key":')
    assert held_out.tested(works(), tmp_path) == found
