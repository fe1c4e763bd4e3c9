import pytest

from pipelines.errors import UserError
from tests.tools.rendering.transcription.fakes import font
from tools.rendering import soundfonts as named
from tools.rendering.transcription import soundfonts
from tools.rendering.transcription.soundfonts import FONTS, HELD_OUT

FIRST, SECOND, THIRD = FONTS


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """The only standard folder, with all SoundFonts."""
    monkeypatch.setattr(named, "_FOLDERS", (str(tmp_path),))
    for each in (*FONTS, HELD_OUT):
        font(tmp_path, each.file)
    return tmp_path


def test_installed_soundfonts_are_found(installed, capsys):
    found = soundfonts.find_soundfonts([], None)
    assert {path.name: share for path, share in found.training.items()} == {
        font.file: share for font, share in FONTS.items()
    }
    assert found.held_out.name == HELD_OUT.file
    assert capsys.readouterr().err == ""


def test_missing_soundfont_is_printed_and_not_used(installed, capsys):
    (installed / SECOND.file).unlink()
    assert [path.name for path in soundfonts.find_soundfonts([], None).training] == [
        FIRST.file,
        THIRD.file,
    ]
    assert f"{SECOND.file} is not installed (Debian: {SECOND.package})" in capsys.readouterr().err


@pytest.mark.parametrize(("missing", "flag"), [(FIRST, "--soundfont"), (HELD_OUT, "--held_out")])
def test_first_and_held_out_soundfonts_are_required(installed, missing, flag):
    (installed / missing.file).unlink()
    with pytest.raises(UserError, match=rf"{missing.file} is not there: install {missing.package}.*{flag}"):
        soundfonts.find_soundfonts([], None)


def test_soundfonts_of_the_flags(installed, tmp_path):
    mine, yours = font(tmp_path, "mine.sf2"), font(tmp_path, "yours.sf2")
    found = soundfonts.find_soundfonts([str(mine)], str(yours))
    assert (list(found.training), found.held_out) == ([mine], yours)
    with pytest.raises(UserError, match=r"no\.sf2 is not there"):
        soundfonts.find_soundfonts(["no.sf2"], None)


def test_held_out_soundfont_cannot_be_used_for_training(installed):
    with pytest.raises(UserError, match=r"TimGM6mb\.sf2 is held out"):
        soundfonts.find_soundfonts([str(installed / HELD_OUT.file)], None)
