import collections
import re

import pytest

from tools.rendering import render_pool
from tools.rendering.transcription import scores, sources
from tools.rendering.transcription.sources import SHARES, Source

music21 = pytest.importorskip("music21", reason="the corpus comes with music21, an optional extra (render)")


def _tune(number, notes="CDEFGABc|cBAGFEDC"):
    return f"X:{number}\nT:Tune {number}\nM:4/4\nL:1/4\nK:C\n{notes}|]\n\n"


@pytest.fixture
def source(tmp_path):
    """Function that writes a file of tunes and returns a source."""

    def write(*tunes, number=None):
        path = tmp_path / "corpus" / "some folder" / "tunes (1).abc"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(tunes))
        return Source("folk", "traditional", path, number)

    return write


def test_kinds_are_limited_and_depend_on_the_seed():
    chosen = sources.sources(100, 0)
    assert chosen == sources.sources(100, 0)
    assert chosen != sources.sources(100, 1)
    numbers = collections.Counter(each.kind for each in chosen)
    assert set(numbers) == set(SHARES) - {"chorale", "quartet"}
    assert all(number <= round(100 * SHARES[kind]) for kind, number in numbers.items())
    assert numbers["fiddle"] == 6


def test_names_are_unique_file_names():
    names = [each.name for each in sources.sources(4000, 0)]
    assert len(set(names)) == len(names) > 500
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+", name) for name in names)


def test_shares_add_up_to_one():
    assert sum(SHARES.values()) == pytest.approx(1)
    assert max(SHARES.values()) < 0.2


def test_one_tune_of_many_is_read(source):
    work = scores.read(source(_tune(1), _tune(2, "efgefgef|gfedcdec"), number=2))
    assert (work.kind, work.piece.name, work.piece.title) == ("folk", "some-folder-tunes-1-2", "Tune 2")
    assert [note.pitch for note in work.piece.notes[:4]] == [76, 77, 79, 76]
    assert [note.start for note in work.piece.notes[:4]] == [0, 1, 2, 3]


def test_tunes_without_a_number_are_the_voices_of_one_piece(source):
    work = scores.read(source(_tune(1), _tune(2, "C,D,E,F,G,A,B,C|CB,A,G,F,E,D,C,")))
    assert {note.voice for note in work.piece.notes} == {0, 1}
    assert min(note.pitch for note in work.piece.notes if note.voice == 1) == 48


@pytest.mark.parametrize("bad", ["short", "many voices", "damaged"])
def test_unusable_scores_are_none(source, bad):
    tunes = {
        "short": [_tune(1, "CDE")],
        "many voices": [_tune(n) for n in range(1, 8)],
        "damaged": ["\x00\x01"],
    }
    assert scores.read(source(*tunes[bad])) is None


def test_time_limit(source, monkeypatch):
    def read_on(_):
        while True:
            pass

    monkeypatch.setattr(scores, "_parsed", read_on)
    monkeypatch.setattr(scores, "_SECONDS", 0.05)
    assert scores.read(source(_tune(1))) is None


def test_works_are_cached_and_in_order(source, tmp_path, monkeypatch):
    monkeypatch.setattr(
        render_pool.worker_pool, "run", lambda f, tasks, jobs: ((t, f(t)) for t in reversed(tasks))
    )
    chosen = [source(_tune(1), _tune(2), _tune(3, "CDE"), number=n) for n in (1, 3, 2)]
    first = scores.works(tmp_path / "cache", chosen, 1)
    assert [work.piece.title for work in first] == ["Tune 1", "Tune 2"]
    monkeypatch.setattr(scores, "_parsed", lambda _: 1 / 0)
    assert scores.works(tmp_path / "cache", chosen, 1) == first
