import pytest

from tools.rendering.paired.ensembles import BANDS, GENERIC
from tools.rendering.scores import VOICES, Note

ENSEMBLES = {**BANDS, **GENERIC}
CHORD = [Note(0.0, 1.0, 72 - 7 * voice, voice) for voice in range(VOICES)]


def test_there_are_four_bands_and_many_generic_ensembles_and_only_jazz_has_drums():
    assert set(BANDS) == {"rock", "brass", "baroque", "jazz"}
    assert len(GENERIC) > 30
    assert [name for name, ensemble in ENSEMBLES.items() if ensemble.kit] == ["jazz"]


def test_no_generic_ensemble_has_a_sound_of_a_band():
    sounds = set().union(*(band.programs for band in BANDS.values()))
    assert not {
        name: ensemble.programs & sounds for name, ensemble in GENERIC.items() if ensemble.programs & sounds
    }


def test_no_two_bands_share_a_sound():
    sounds = [program for band in BANDS.values() for program in band.programs]
    assert len(sounds) == len(set(sounds))


@pytest.mark.parametrize("name", ENSEMBLES)
def test_every_note_is_played_by_a_player_that_is_there(name):
    ensemble = ENSEMBLES[name]
    arranged = ensemble.arrange(CHORD)
    assert {note.pitch for note in arranged} == {note.pitch for note in CHORD}
    assert {note.voice for note in arranged} == set(range(len(ensemble.players)))


def test_the_harpsichord_doubles_the_strings_and_the_guitar_has_two_voices():
    assert len(BANDS["baroque"].arrange(CHORD)) == 2 * VOICES
    assert [note.voice for note in BANDS["jazz"].arrange(CHORD)] == [0, 1, 1, 2]
