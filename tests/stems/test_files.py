from pathlib import Path

import pytest

from pipelines.stems.files import Role, Stem, pair


def found(*names: str) -> dict[str, str | None]:
    """Names of songs and of their stems."""
    pairs = pair([Path(name) for name in names])
    return {
        str(song): None if stem is None else f"{stem.role.value} {stem.path}" for song, stem in pairs.items()
    }


@pytest.mark.parametrize("suffix", ["wav", "flac", "mp3", "OGG", "m4a"])
def test_a_stem_beside_its_song_is_no_song(suffix: str):
    assert found("a.mp3", f"a.vocals.{suffix}", "b.mp3") == {
        "a.mp3": f"vocals a.vocals.{suffix}",
        "b.mp3": None,
    }


def test_an_instrumental_stem():
    stems = pair([Path("x/a.b.instrumental.wav"), Path("x/a.b.mp3")])
    assert stems == {Path("x/a.b.mp3"): Stem(Path("x/a.b.instrumental.wav"), Role.INSTRUMENTAL)}


def test_of_two_stems_the_vocals_are_used():
    assert found("a.instrumental.wav", "a.mp3", "a.vocals.wav") == {"a.mp3": "vocals a.vocals.wav"}
    assert found("a.vocals.wav", "a.mp3", "a.vocals.mp3") == {"a.mp3": "vocals a.vocals.mp3"}


def test_a_stem_without_its_song_is_a_song():
    assert found("a.vocals.wav", "b.mp3") == {"a.vocals.wav": None, "b.mp3": None}
    assert found("x/a.mp3", "y/a.vocals.wav") == {"x/a.mp3": None, "y/a.vocals.wav": None}


def test_other_names_are_songs():
    names = ["vocals.wav", "a.mp3", "a.vocalsolo.wav", "a vocals.wav", ".vocals.wav", "a"]
    assert found(*names) == dict.fromkeys(names)


def test_two_songs_of_one_name_have_the_same_stem():
    assert found("a.mp3", "a.wav", "a.vocals.wav") == {
        "a.mp3": "vocals a.vocals.wav",
        "a.wav": "vocals a.vocals.wav",
    }
