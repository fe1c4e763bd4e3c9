from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coverband.studio.names import require_name, song_file_name
from pipelines.errors import UserError


@pytest.mark.parametrize("name", ["The Band", "Motörhead", "AC-DC (live)", "音楽", "a.b", "' OR 1=1"])
def test_names_that_are_possible(name: str):
    assert require_name(f"  {name} ", "a band") == name


def test_the_same_letters_are_the_same_name():
    assert require_name("u\u0308", "a band") == "ü"


_IMPOSSIBLE = (
    *("", " ", ".", "..", "../x", "a/b", "a\\b", ".hidden", "-flag", "a:b", "a\0b", "a\nb", "a*", "x."),
    *(None, 7, "\u202egpj.exe", "ä" * 41),
)


@pytest.mark.parametrize("name", _IMPOSSIBLE)
def test_names_that_are_not(name: object):
    with pytest.raises(UserError, match="a band"):
        require_name(name, "a band")


@pytest.mark.parametrize(
    ("sent", "saved"),
    [
        ("a song.mp3", "a song.mp3"),
        ("C:\\Music\\a.FLAC", "a.flac"),
        ("../../etc/x.wav", "x.wav"),
        ("...And Justice.mp3", "And Justice.mp3"),
        ("what?*.ogg", "what__.ogg"),
        (".mp3", "song.mp3"),
        ("a\x00b.mp3", "a_b.mp3"),
        ("x" * 400 + ".mp3", "x" * 251 + ".mp3"),
    ],
)
def test_file_names_are_made_harmless(sent: str, saved: str):
    assert song_file_name(sent) == saved


@pytest.mark.parametrize("name", ["", "notes.txt", "song", "a.mp3/../b", "a.mp3.exe"])
def test_other_files_are_no_songs(name: str):
    with pytest.raises(UserError, match="is no song"):
        song_file_name(name)


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_is_one_component_of_a_path_or_refused(text: str):
    for name_of in (lambda: require_name(text, "a band"), lambda: song_file_name(f"{text}.mp3")):
        try:
            name = name_of()
        except UserError:
            continue
        assert Path("folder", name).parent == Path("folder")
        assert name.strip(". ")
        assert len(name.encode()) <= 255
