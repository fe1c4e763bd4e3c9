import pytest

from pipelines.errors import UserError
from tests.tools.rendering.transcription.scenes import font
from tools.rendering import synth
from tools.rendering.transcription import soundfonts
from tools.rendering.transcription.soundfonts import FONTS, HELD_OUT


@pytest.fixture
def usual(tmp_path, monkeypatch):
    """The only usual place, with all SoundFonts."""
    monkeypatch.setattr(synth, "_FOLDERS", (str(tmp_path),))
    for each in (*FONTS, HELD_OUT):
        font(tmp_path, each.file)
    return tmp_path


def test_the_usual_ones_are_found(usual, capsys):
    found = soundfonts.orchestra([], None)
    assert {path.name: share for path, share in found.taught.items()} == {f.file: f.share for f in FONTS}
    assert found.held_out.name == HELD_OUT.file
    assert capsys.readouterr().err == ""


def test_one_that_is_missing_is_named_and_not_used(usual, capsys):
    (usual / FONTS[1].file).unlink()
    assert [path.name for path in soundfonts.orchestra([], None).taught] == [FONTS[0].file, FONTS[2].file]
    assert f"{FONTS[1].file} is not installed (Debian: {FONTS[1].package})" in capsys.readouterr().err


@pytest.mark.parametrize(("missing", "flag"), [(FONTS[0], "--soundfont"), (HELD_OUT, "--held_out")])
def test_the_first_and_the_one_of_the_test_are_required(usual, missing, flag):
    (usual / missing.file).unlink()
    with pytest.raises(UserError, match=rf"{missing.file} is not there: install {missing.package}.*{flag}"):
        soundfonts.orchestra([], None)


def test_given_ones_take_their_place(usual, tmp_path):
    mine, yours = font(tmp_path, "mine.sf2"), font(tmp_path, "yours.sf2")
    found = soundfonts.orchestra([str(mine)], str(yours))
    assert (list(found.taught), found.held_out) == ([mine], yours)
    with pytest.raises(UserError, match=r"no\.sf2 is not there"):
        soundfonts.orchestra(["no.sf2"], None)


def test_the_held_out_one_is_not_learnt_from(usual):
    with pytest.raises(UserError, match=r"TimGM6mb\.sf2 is held out"):
        soundfonts.orchestra([str(usual / HELD_OUT.file)], None)


def test_licences_are_named(usual):
    assert soundfonts.licence(usual / "FluidR3_GM.sf2") == "sounds of FluidR3_GM, Frank Wen, MIT licence"
    assert soundfonts.licence(usual / "mine.sf2") == "sounds of mine"
