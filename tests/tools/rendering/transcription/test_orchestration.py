import random

import numpy as np
import pytest

from tests.tools.rendering.paired.fakes import work
from tests.tools.rendering.transcription.fakes import instruments
from tools.rendering.midi import Sound
from tools.rendering.paired.ensembles import Ensemble, Part
from tools.rendering.scores import Note
from tools.rendering.transcription.orchestration import Instrument, as_recorded, orchestrate

NOTES = work(1, quarters=16).piece.notes
ALL = instruments(range(40))


def _ensembles(number, kit=None):
    return [orchestrate(NOTES, ALL, kit, random.Random(seed)) for seed in range(number)]


def test_parts_cover_all_voices_within_the_channels():
    for ensemble in _ensembles(50, kit=8):
        assert {voice for part in ensemble.parts for voice in part.voices} == {0, 1, 2, 3}
        assert all(len(part.voices) == 1 for part in ensemble.parts)
        assert len(ensemble.parts) <= 9
        assert ensemble.kit.program == 8


def test_numbers_of_instruments_and_unisons():
    ensembles = _ensembles(100)
    sizes = [len(ensemble.programs) for ensemble in ensembles]
    assert 0.15 < sizes.count(1) / 100 < 0.5
    assert sum(size >= 3 for size in sizes) > 30
    assert 0.08 < sum(len(ensemble.parts) == 5 for ensemble in ensembles) / 100 < 0.35
    assert len({program for ensemble in ensembles for program in ensemble.programs}) > 35


@pytest.mark.parametrize("seed", range(20))
def test_instruments_cover_the_range_of_their_voice(seed):
    low, high = Instrument(frozenset(range(24, 66)), 0.0), Instrument(frozenset(range(60, 104)), 0.0)
    soprano, bass = ([note for note in NOTES if note.voice == voice] for voice in (0, 3))
    assert max(note.pitch for note in bass) < 60 <= 66 <= min(note.pitch for note in soprano)
    for voice, program in ((soprano, 73), (bass, 32)):
        assert orchestrate(voice, {32: low, 73: high}, None, random.Random(seed)).programs == {program}


def test_notes_are_audible_until_they_have_decayed():
    plucked = Instrument(frozenset(range(24, 104)), 0.0, {60: 0.5})
    long, short, other = (Note(1.0, n, k, 0) for n, k in ((2.0, 60), (0.2, 60), (2.0, 40)))
    assert [plucked.audible(note).length for note in (long, short, other)] == [0.5, 0.2, 2.0]


def test_as_recorded_an_ensemble_keeps_its_instruments():
    rng = random.Random(0)
    parts = (Part(Sound(4, 50, 100), (0,)), Part(Sound(7, 70, 80), (1,)))
    ensembles = [Ensemble("x", parts, Sound(16, 64, 90)), Ensemble("y", parts)]
    found = [as_recorded(each, rng) for each in ensembles * 200]
    for each in found:
        assert [(part.sound.program, part.sound.pan, part.voices) for part in each.parts] == [
            (4, 50, (0,)),
            (7, 70, (1,)),
        ]
        assert len({part.sound.detune for part in each.parts}) == 1
    detunes = [each.parts[0].sound.detune for each in found]
    assert (min(detunes), max(detunes)) == (-40, 40)
    assert 0.4 < np.mean([detune != 0 for detune in detunes]) < 0.6
    vibratos = [part.sound.vibrato for each in found for part in each.parts]
    assert 0.2 < np.mean([vibrato > 0 for vibrato in vibratos]) < 0.4
    scoops = [part.sound.scoop for each in found for part in each.parts]
    assert 0.1 < np.mean([scoop > 0 for scoop in scoops]) < 0.2
    assert max(scoops) <= 150
    loud = [each for each in found if each.kit is not None and each.kit.volume == 127]
    assert 0.4 < len(loud) / 200 < 0.6
    assert all(each.parts[0].sound.volume == 60 for each in loud)
    assert all(each.parts[0].sound.volume == 100 for each in found if each not in loud)
