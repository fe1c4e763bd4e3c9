import dataclasses

import pytest

from tests.tools.rendering.paired.fakes import works
from tools.rendering import held_out as rendering_held_out
from tools.rendering.paired.plan import Size, plan
from tools.rendering.transcription import held_out

SIZE = Size(content=4, band=4, test=4, metric=4, metric_ensembles=1, melody=0)


@pytest.fixture
def found(tmp_path, monkeypatch):
    monkeypatch.setattr(held_out, "SIZES", {"small": SIZE})
    name = works()[-1].piece.name
    for module in (rendering_held_out, held_out):
        monkeypatch.setattr(module, "demo_truth_names", lambda: frozenset([name]))
    return held_out.held_out(works(), tmp_path)


def test_works_of_the_test_sets_are_held_out(found):
    expected = {each.work.piece.name for each in plan(works(), SIZE) if each.split in ("test", "judge")}
    expected.add(works()[-1].piece.name)
    assert {work.piece.name for work in works() if found.contains(work.piece)} == expected
    assert len(expected) < 12


def test_transposed_excerpt_with_another_name_is_held_out(found):
    recording = next(each for each in plan(works(), SIZE) if each.split == "test")
    notes = tuple(dataclasses.replace(note, pitch=note.pitch + 3) for note in recording.piece.notes)
    assert found.contains(dataclasses.replace(recording.piece, name="other", notes=notes))


def test_result_is_cached_by_works(found, tmp_path, monkeypatch):
    monkeypatch.setattr(held_out, "_held_out", lambda benchmark: 1 / 0)
    assert held_out.held_out(works(), tmp_path) == found
    with pytest.raises(ZeroDivisionError):
        held_out.held_out(works()[1:], tmp_path)


def test_damaged_cache_is_replaced(found, tmp_path):
    (tmp_path / "tested.json").write_text('{"key":')
    assert held_out.held_out(works(), tmp_path) == found
