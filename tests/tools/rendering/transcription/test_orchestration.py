import random

import pytest

from tests.tools.rendering.paired.scenes import work
from tests.tools.rendering.transcription.scenes import instruments
from tools.rendering.transcription.orchestration import Instrument, cast

NOTES = work(1, quarters=16).piece.notes
ALL = instruments(range(40))


def _casts(number, kit=None):
    return [cast(NOTES, ALL, kit, random.Random(seed)) for seed in range(number)]


def test_every_voice_is_played_and_there_are_channels_enough():
    for ensemble in _casts(50, kit=8):
        assert {voice for player in ensemble.players for voice in player.voices} == {0, 1, 2, 3}
        assert all(len(player.voices) == 1 for player in ensemble.players)
        assert len(ensemble.players) <= 9
        assert ensemble.kit.program == 8


def test_some_are_of_one_instrument_and_some_of_many_and_some_have_a_unison():
    ensembles = _casts(100)
    sizes = [len(ensemble.programs) for ensemble in ensembles]
    assert 0.15 < sizes.count(1) / 100 < 0.5
    assert sum(size >= 3 for size in sizes) > 30
    assert 0.08 < sum(len(ensemble.players) == 5 for ensemble in ensembles) / 100 < 0.35
    assert len({program for ensemble in ensembles for program in ensemble.programs}) > 35


@pytest.mark.parametrize("seed", range(20))
def test_who_does_not_reach_a_voice_does_not_get_it(seed):
    low, high = Instrument(frozenset(range(24, 66)), 0.0), Instrument(frozenset(range(60, 104)), 0.0)
    soprano, bass = ([note for note in NOTES if note.voice == voice] for voice in (0, 3))
    assert max(note.pitch for note in bass) < 60 <= 66 <= min(note.pitch for note in soprano)
    for voice, program in ((soprano, 73), (bass, 32)):
        assert cast(voice, {32: low, 73: high}, None, random.Random(seed)).programs == {program}
