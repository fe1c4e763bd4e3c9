import functools

import numpy as np
import pytest

from pipelines.errors import UserError
from tools.demo import plan
from tools.rendering import scores


def _pieces(count):
    """Random walks of 40 quarter notes in four voices, all with different tunes; some are in the plan."""
    names = [*plan.TRUTH, *plan.UNUSED, *(f"bwv{number}" for number in range(count))]
    for number, name in enumerate(names[:count]):
        steps = np.random.default_rng(number).integers(-7, 8, (4, 40)).cumsum(axis=1) % 12
        notes = [
            scores.Note(float(i), 1.0, int(72 - 8 * voice + pitch), voice)
            for voice, line in enumerate(steps)
            for i, pitch in enumerate(line)
        ]
        yield scores.Piece(name, f"{number:b}".translate(str.maketrans("01", "ab")), tuple(notes))


@functools.cache
def _recordings():
    return plan.plan(_pieces(60))


def test_pieces_are_used_once_except_in_pairs():
    songs = _recordings()
    splits = {split: [s for s in songs if s.split == split] for split in ("content", "band", "truth")}
    assert {split: len(found) for split, found in splits.items()} == {"content": 21, "band": 21, "truth": 6}
    assert len({song.piece.name for song in songs}) == 21 + 21 + 3
    assert len({song.path for song in songs}) == len(songs)
    sources, bands = splits["truth"][::2], splits["truth"][1::2]
    assert [song.notes() for song in sources] == [song.notes() for song in bands]
    assert len({song.instrument for song in sources}) == 3
    assert {song.instrument for song in bands} == {"band"}
    assert {song.piece.name for song in splits["truth"]} == set(plan.TRUTH)
    assert not {song.piece.name for song in songs} & set(plan.UNUSED)


def test_a_missing_piece_of_the_truth_is_named():
    with pytest.raises(UserError, match="bwv436 is missing: reinstall music21"):
        plan.plan(piece for piece in _pieces(60) if piece.name != "bwv436")


def test_plan_is_reproducible_and_songs_last_half_a_minute():
    songs = _recordings()
    assert songs == plan.plan(_pieces(60))
    ends = [max(note.end for note in song.notes()) for song in songs if song.split != "truth"]
    assert 25 <= min(ends) <= max(ends) <= 35


def test_instruments_of_band_and_soloists():
    songs = {song.instrument: song for song in _recordings()}
    assert len({sound.program for sound in songs["band"].sounds}) == scores.VOICES
    assert [sound.program for sound in songs["harp"].sounds] == [46] * scores.VOICES


def test_same_tune_with_another_name_is_not_used():
    twins = [scores.Piece(f"{piece.name}b", f"{piece.title}x", piece.notes) for piece in _pieces(47)]
    with pytest.raises(UserError, match="too few"):
        plan.plan([*_pieces(47), *twins])
