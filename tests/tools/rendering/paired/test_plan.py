import collections
import dataclasses
import functools

import numpy as np
import pytest

from tests.tools.rendering.paired.fakes import works
from tools.demo import DEMO_SONGS
from tools.rendering import held_out
from tools.rendering.paired import plan
from tools.rendering.paired.ensembles import BANDS, GENERIC
from tools.rendering.paired.plan import Size

SIZE = Size(content=8, band=4, test=4, metric=4, metric_ensembles=2, melody=3)


@functools.cache
def _recordings(seed=0):
    return plan.plan(works(), SIZE, seed)


def _domain(recording):
    return recording.ensemble.name if recording.split == "bands" else recording.split


def _tune_domain(recording):
    """Domain of the tune of a recording; melodies and second takes share the tunes of the test."""
    return "test" if recording.split in ("melody", "takes") else _domain(recording)


def test_number_of_recordings_by_domain():
    counts = collections.Counter(_domain(recording) for recording in _recordings())
    pairs = {"test": 4 * 5, "takes": 4 * 4, "melody": 3 * 5, "judge": 4 * (4 + 2)}
    assert counts == {"content": 8, **dict.fromkeys(BANDS, 4), **pairs}
    paths = [path for recording in _recordings() for path in (recording.path, *recording.copies)]
    assert len(paths) == len(set(paths))


def test_no_work_is_in_two_domains():
    domains = collections.defaultdict(set)
    for recording in _recordings():
        domains[recording.work.piece.name].add(_tune_domain(recording))
    assert all(len(found) == 1 for found in domains.values())


def test_test_and_metric_pieces_have_different_tunes():
    for split in ("test", "judge"):
        pieces = {recording.piece.name for recording in _recordings() if recording.split == split}
        assert (
            len(pieces)
            == len({recording.work.piece.name for recording in _recordings() if recording.split == split})
            == 4
        )


def test_melodies_are_the_highest_voices_of_test_pieces():
    recordings = {
        recording.path: recording for recording in _recordings() if recording.split in ("test", "melody")
    }
    melodies = [recording for recording in recordings.values() if recording.split == "melody"]
    assert len({recording.piece.name for recording in melodies}) == 3
    for recording in melodies:
        test_recording = recordings[recording.path.replace("melody/", "test/")]
        assert recording.ensemble.parts == test_recording.ensemble.parts
        assert recording.drums() == []
        assert recording.piece.notes == tuple(note for note in test_recording.piece.notes if note.voice == 0)
        assert set(recording.copies) == {copy.replace("test/", "melody/") for copy in test_recording.copies}


def test_every_domain_has_its_share_of_every_kind():
    for domain in ("content", *BANDS, "test", "judge"):
        pieces = {
            recording.piece.name: recording.work.kind
            for recording in _recordings()
            if _domain(recording) == domain
        }
        kinds = collections.Counter(pieces.values())
        assert kinds["chorale"] == 3 * kinds["quartet"]


def test_songs_and_excerpts_have_their_lengths():
    for recording in _recordings():
        seconds = {"test": (16.5, 24.0), "takes": (16.5, 24.0), "melody": (12.0, 24.0), "judge": (11.5, 18.0)}
        low, high = seconds.get(recording.split, (25.0, 34.0))
        assert low <= recording.piece.quarters * 60 / recording.tempo <= high
        assert 63 <= recording.tempo <= 92


def test_tempi_of_content_and_bands_are_equally_distributed():
    recordings = plan.plan(works(150, 60), Size(48, 30, 4, 4, 2, 2))
    content = [recording.tempo for recording in recordings if recording.split == "content"]
    bands = [recording.tempo for recording in recordings if recording.split == "bands"]
    assert np.mean(content) == pytest.approx(np.mean(bands), abs=5)


def test_a_test_piece_has_one_source_for_all_bands_and_the_same_notes():
    by_piece = collections.defaultdict(list)
    for recording in _recordings():
        if recording.split == "test":
            by_piece[recording.piece.name].append(recording)
    for piece, recordings in by_piece.items():
        source, *bands = recordings
        assert (source.path, *source.copies) == tuple(f"test/{band}/{piece}.source.ogg" for band in BANDS)
        assert [recording.path for recording in bands] == [f"test/{band}/{piece}.band.ogg" for band in BANDS]
        assert [recording.midi for recording in bands] == [f"test/{band}/{piece}.notes.mid" for band in BANDS]
        assert source.ensemble.name in GENERIC
        assert all(recording.notes() == source.notes() for recording in bands)


def test_a_second_take_has_the_same_notes_with_other_velocities_and_timings():
    recordings = {recording.path: recording for recording in _recordings()}
    takes = [recording for recording in _recordings() if recording.split == "takes"]
    assert takes
    for take in takes:
        first = recordings[take.path.replace("takes/", "test/")]
        assert (take.ensemble, take.piece, take.tempo) == (first.ensemble, first.piece, first.tempo)
        one, other = (sorted(each.notes(), key=lambda note: (note.voice, note.end)) for each in (first, take))
        assert [note.pitch for note in one] == [note.pitch for note in other]
        late = [a.start - b.start for a, b in zip(one, other, strict=True)]
        assert 0.002 < np.std(late) < 0.02
        assert [note.velocity for note in one] != [note.velocity for note in other]
        assert (take.drums() == first.drums()) == (first.ensemble.kit is None)


def test_metric_pieces_are_recorded_by_all_ensembles():
    ensembles = collections.defaultdict(set)
    for recording in _recordings():
        if recording.split == "judge":
            ensembles[recording.piece.name].add(recording.ensemble.name)
    assert len({frozenset(names) for names in ensembles.values()}) == 1
    assert all(set(BANDS) < names and len(names) == 6 for names in ensembles.values())


def test_metric_pieces_have_development_pairs():
    files = {
        path: recording for recording in _recordings() for path in recording.copies if path.startswith("dev/")
    }
    for band in BANDS:
        pieces = {recording.piece.name for recording in _recordings() if recording.split == "judge"}
        for piece in pieces:
            source, truth = (files.pop(f"dev/{band}/{piece}.{who}.ogg") for who in ("source", "band"))
            assert source.ensemble.name in GENERIC
            assert truth.ensemble.name == band
            assert source.piece.name == truth.piece.name == piece
    assert not files
    assert (
        len(
            {
                recording.ensemble.name
                for recording in _recordings()
                if recording.copies and recording.split == "judge"
            }
        )
        == 4 + 2
    )


def test_only_bands_with_a_kit_have_drums():
    ensembles = {recording.ensemble.name for recording in _recordings() if recording.drums()}
    assert ensembles == {"jazz"}


def test_plan_depends_on_the_seed_only():
    assert plan.plan(works(), SIZE) == _recordings()
    assert [recording.path for recording in _recordings()] != [recording.path for recording in _recordings(1)]
    assert _recordings()[0].notes() == plan.plan(works(), SIZE)[0].notes()


def test_two_works_with_one_tune_stay_in_one_domain():
    twins = [
        dataclasses.replace(each, piece=dataclasses.replace(each.piece, name=f"{each.piece.name}-twin"))
        for each in works()
    ]
    domains = collections.defaultdict(set)
    for recording in plan.plan([*works(), *twins], SIZE):
        domains[recording.work.piece.name.removesuffix("-twin")].add(_tune_domain(recording))
    assert all(len(found) == 1 for found in domains.values())


@pytest.mark.parametrize("split", plan.TRAINING)
def test_tunes_of_the_demos_test_pairs_are_trained_on_nowhere(split, monkeypatch):
    known = {each.work.piece.name: each.work for each in _recordings() if each.split == split}
    name = sorted(known)[0]
    monkeypatch.setattr(held_out, "demo_truth_names", lambda: frozenset([name]))
    # The same tune under another name, a third higher.
    twin = known[name].piece
    notes = tuple(dataclasses.replace(note, pitch=note.pitch + 4) for note in twin.notes)
    others = [each for each in works() if each.piece.name != name]
    hidden = dataclasses.replace(known[name], piece=dataclasses.replace(twin, name="twin", notes=notes))
    before = [each for each in _recordings() if each.work.piece.name != name]
    assert plan.plan(works(), SIZE) == before
    for recording in plan.plan([known[name], *others, hidden], SIZE):
        if recording.split in plan.TRAINING:
            assert recording.work.piece.name not in (name, "twin")


def test_the_demos_test_pairs_are_those_of_its_catalogue():
    sources = {path.name.split(".")[0] for path in (DEMO_SONGS / "truth").glob("*.source.ogg")}
    assert held_out.demo_truth_names() == sources
    assert len(sources) == 3
