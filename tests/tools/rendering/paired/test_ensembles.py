import pytest

from tools.rendering.paired.ensembles import BANDS, GENERIC
from tools.rendering.scores import VOICES, Note

ENSEMBLES = {**BANDS, **GENERIC}
CHORD = [Note(0.0, 1.0, 72 - 7 * voice, voice) for voice in range(VOICES)]


def test_bands_and_generic_ensembles():
    assert set(BANDS) == {"rock", "brass", "baroque", "jazz"}
    assert len(GENERIC) > 30
    assert [name for name, ensemble in ENSEMBLES.items() if ensemble.kit] == ["jazz"]


def test_generic_ensembles_share_no_program_with_a_band():
    sounds = set().union(*(band.programs for band in BANDS.values()))
    assert not {
        name: ensemble.programs & sounds for name, ensemble in GENERIC.items() if ensemble.programs & sounds
    }


def test_bands_share_no_program():
    sounds = [program for band in BANDS.values() for program in band.programs]
    assert len(sounds) == len(set(sounds))


@pytest.mark.parametrize("name", ENSEMBLES)
def test_parts_cover_all_voices(name):
    ensemble = ENSEMBLES[name]
    arranged = ensemble.arrange(CHORD)
    assert {note.pitch for note in arranged} == {note.pitch for note in CHORD}
    assert {note.voice for note in arranged} == set(range(len(ensemble.parts)))


def test_parts_double_and_combine_voices():
    assert len(BANDS["baroque"].arrange(CHORD)) == 2 * VOICES
    assert [note.voice for note in BANDS["jazz"].arrange(CHORD)] == [0, 1, 1, 2]
