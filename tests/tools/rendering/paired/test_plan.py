import collections
import dataclasses
import functools

import numpy as np
import pytest

from tests.tools.rendering.paired.scenes import works
from tools.rendering.paired import plan
from tools.rendering.paired.ensembles import BANDS, GENERIC
from tools.rendering.paired.plan import Size

SIZE = Size(content=8, band=4, test=4, judge=4, judges=2, melody=3)


@functools.cache
def _songs(seed=0):
    return plan.plan(works(), SIZE, seed)


def _domain(song):
    return song.ensemble.name if song.split == "bands" else song.split


def _home(song):
    """The domain that a tune was dealt to; melodies are those of the test."""
    return "test" if song.split == "melody" else _domain(song)


def test_every_domain_has_its_songs():
    counts = collections.Counter(_domain(song) for song in _songs())
    pairs = {"test": 4 * 5, "melody": 3 * 5, "judge": 4 * (4 + 2)}
    assert counts == {"content": 8, **dict.fromkeys(BANDS, 4), **pairs}
    paths = [path for song in _songs() for path in (song.path, *song.copies)]
    assert len(paths) == len(set(paths))


def test_no_work_is_in_two_domains():
    domains = collections.defaultdict(set)
    for song in _songs():
        domains[song.work.piece.name].add(_home(song))
    assert all(len(found) == 1 for found in domains.values())


def test_test_and_judge_take_each_tune_once():
    for split in ("test", "judge"):
        pieces = {song.piece.name for song in _songs() if song.split == split}
        assert len(pieces) == len({song.work.piece.name for song in _songs() if song.split == split}) == 4


def test_melodies_are_the_highest_voices_of_test_pieces_by_the_same_players():
    songs = {song.path: song for song in _songs() if song.split in ("test", "melody")}
    melodies = [song for song in songs.values() if song.split == "melody"]
    assert len({song.piece.name for song in melodies}) == 3
    for song in melodies:
        whole = songs[song.path.replace("melody/", "test/")]
        assert song.ensemble.players == whole.ensemble.players
        assert song.drums() == []
        assert song.piece.notes == tuple(note for note in whole.piece.notes if note.voice == 0)
        assert set(song.copies) == {copy.replace("test/", "melody/") for copy in whole.copies}


def test_every_domain_has_its_share_of_every_kind():
    for domain in ("content", *BANDS, "test", "judge"):
        pieces = {song.piece.name: song.work.kind for song in _songs() if _domain(song) == domain}
        kinds = collections.Counter(pieces.values())
        assert kinds["chorale"] == 3 * kinds["quartet"]


def test_songs_and_excerpts_have_their_lengths():
    for song in _songs():
        seconds = {"test": (16.5, 24.0), "melody": (12.0, 24.0), "judge": (11.5, 18.0)}
        low, high = seconds.get(song.split, (25.0, 34.0))
        assert low <= song.piece.quarters * 60 / song.tempo <= high
        assert 63 <= song.tempo <= 92


def test_tempi_of_content_and_bands_are_drawn_alike():
    songs = plan.plan(works(150, 60), Size(48, 30, 4, 4, 2, 2))
    content = [song.tempo for song in songs if song.split == "content"]
    bands = [song.tempo for song in songs if song.split == "bands"]
    assert np.mean(content) == pytest.approx(np.mean(bands), abs=5)


def test_a_test_piece_has_one_source_for_all_bands_and_the_same_notes():
    by_piece = collections.defaultdict(list)
    for song in _songs():
        if song.split == "test":
            by_piece[song.piece.name].append(song)
    for piece, songs in by_piece.items():
        source, *bands = songs
        assert (source.path, *source.copies) == tuple(f"test/{band}/{piece}.source.ogg" for band in BANDS)
        assert [song.path for song in bands] == [f"test/{band}/{piece}.band.ogg" for band in BANDS]
        assert [song.midi for song in bands] == [f"test/{band}/{piece}.notes.mid" for band in BANDS]
        assert source.ensemble.name in GENERIC
        assert all(song.notes() == source.notes() for song in bands)


def test_the_judge_hears_every_piece_by_all():
    heard = collections.defaultdict(set)
    for song in _songs():
        if song.split == "judge":
            heard[song.piece.name].add(song.ensemble.name)
    assert len({frozenset(names) for names in heard.values()}) == 1
    assert all(set(BANDS) < names and len(names) == 6 for names in heard.values())


def test_the_judge_s_pieces_are_pairs_to_develop_with():
    files = {path: song for song in _songs() for path in song.copies if path.startswith("dev/")}
    for band in BANDS:
        pieces = {song.piece.name for song in _songs() if song.split == "judge"}
        for piece in pieces:
            source, truth = (files.pop(f"dev/{band}/{piece}.{who}.ogg") for who in ("source", "band"))
            assert source.ensemble.name in GENERIC
            assert truth.ensemble.name == band
            assert source.piece.name == truth.piece.name == piece
    assert not files
    assert len({song.ensemble.name for song in _songs() if song.copies and song.split == "judge"}) == 4 + 2


def test_only_bands_with_a_kit_have_drums():
    drummed = {song.ensemble.name for song in _songs() if song.drums()}
    assert drummed == {"jazz"}


def test_the_plan_is_the_seeds():
    assert plan.plan(works(), SIZE) == _songs()
    assert [song.path for song in _songs()] != [song.path for song in _songs(1)]
    assert _songs()[0].notes() == plan.plan(works(), SIZE)[0].notes()


def test_two_works_with_one_tune_stay_in_one_domain():
    twins = [
        dataclasses.replace(each, piece=dataclasses.replace(each.piece, name=f"{each.piece.name}-twin"))
        for each in works()
    ]
    domains = collections.defaultdict(set)
    for song in plan.plan([*works(), *twins], SIZE):
        domains[song.work.piece.name.removesuffix("-twin")].add(_home(song))
    assert all(len(found) == 1 for found in domains.values())
