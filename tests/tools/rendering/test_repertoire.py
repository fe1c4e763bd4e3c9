import dataclasses

import pytest

from tests.tools.rendering.paired.fakes import COMPOSER, work
from tools.rendering import repertoire
from tools.rendering.scores import Note


def test_excerpts_are_whole_phrases():
    piece = work(0).piece
    cuts = list(repertoire.excerpts(piece, (20, 34)))
    assert [cut.quarters for cut in cuts] == [32, 32, 32]
    assert [cut.name for cut in cuts] == ["chorale0", "chorale0-from32", "chorale0-from64"]
    assert all(min(note.start for note in cut.notes) == 0 for cut in cuts)
    again = [note.pitch for cut in cuts for note in sorted(cut.notes, key=lambda n: (n.voice, n.start))]
    assert sorted(again) == sorted(note.pitch for note in piece.notes)


def test_bars_of_an_excerpt():
    second = list(repertoire.excerpts(work(0).piece, (20, 34)))[1]
    assert second.bars == tuple(float(i) for i in range(-3, 32, 4))


def test_excerpts_do_not_cut_notes():
    piece = work(0, quarters=24).piece
    held = dataclasses.replace(piece, notes=(*piece.notes, Note(7.0, 2.0, 40, 3)))
    assert [cut.quarters for cut in repertoire.excerpts(held, (6, 9))] == [8]
    assert [cut.name for cut in repertoire.excerpts(held, (6, 9))] == ["chorale0-from16"]


def test_excerpts_end_at_bars_without_fermatas():
    piece = dataclasses.replace(work(0, quarters=24).piece, phrases=())
    assert [cut.quarters for cut in repertoire.excerpts(piece, (8, 11))] == [9, 8]


@pytest.mark.parametrize("bad", ["silence", "one voice", "too low"])
def test_passages_hardly_polyphonic_or_out_of_range_are_skipped(bad):
    piece = work(0, quarters=16).piece
    notes = {
        "silence": [note for note in piece.notes if not 3 <= note.start < 7],
        "one voice": [note for note in piece.notes if note.voice == 0],
        "too low": [dataclasses.replace(note, pitch=note.pitch - 24) for note in piece.notes],
    }[bad]
    assert list(repertoire.excerpts(piece, (16, 16)))
    assert not list(repertoire.excerpts(dataclasses.replace(piece, notes=tuple(notes)), (16, 16)))


def test_works_are_cached(tmp_path, monkeypatch):
    path = ("chorale", "bach", tmp_path / "bwv1.mxl")
    monkeypatch.setattr(repertoire, "_read", lambda *path: work(3))
    assert repertoire._cached(tmp_path, path) == work(3)
    monkeypatch.setattr(repertoire, "_read", lambda *path: pytest.fail("read again"))
    assert repertoire._cached(tmp_path, path) == work(3)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"piece": {}}'])
def test_damaged_cache_is_replaced(tmp_path, monkeypatch, text):
    (tmp_path / "bwv1.mxl.json").write_text(text)
    monkeypatch.setattr(repertoire, "_read", lambda *path: work(3))
    assert repertoire._cached(tmp_path, ("chorale", "bach", tmp_path / "bwv1.mxl")) == work(3)


def test_unusable_works_are_cached(tmp_path, monkeypatch):
    path = ("chorale", "bach", tmp_path / "bwv1.mxl")
    monkeypatch.setattr(repertoire, "_read", lambda *path: None)
    assert repertoire._cached(tmp_path, path) is None
    monkeypatch.setattr(repertoire, "_read", lambda *path: pytest.fail("read again"))
    assert repertoire._cached(tmp_path, path) is None


def test_licence_has_the_composer():
    assert work(0).licence("sounds of mine") == (
        f"{COMPOSER}, public domain; encoded for music21's corpus; sounds of mine"
    )


def test_fermatas_and_bars_of_a_chorale():
    music21 = pytest.importorskip("music21", reason="scores are read by music21, an optional extra (render)")
    path = next(p for p in music21.corpus.getComposer("bach") if p.stem == "bwv253")
    read = repertoire._read("chorale", "bach", path)
    assert (read.piece.name, read.piece.title) == ("bwv253", "Ach bleib bei uns, Herr Jesu Christ")
    assert read.composer == "Johann Sebastian Bach (1685-1750)"
    assert read.piece.phrases == (8.0, 20.0, 28.0, 40.0)
    assert read.piece.bars[:3] == (-3.0, 1.0, 5.0)
