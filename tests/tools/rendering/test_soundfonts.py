import hashlib
import struct

import pytest

from pipelines.errors import UserError
from tools.rendering import soundfonts
from tools.rendering.soundfonts import CSOUND, FLUIDR3, NAMED


def chunk(name, content):
    return struct.pack("<4sI", name, len(content)) + content + b"\0" * (len(content) % 2)


def soundfont(path, *presets):
    """File with the presets (bank, program), as the specification lays it out, and nothing else."""
    headers = [(f"{bank} {program}".encode(), program, bank) for bank, program in presets]
    headers.append((b"EOP", 0, 0))
    phdr = b"".join(struct.pack("<20sHHHIII", *each, 0, 0, 0, 0) for each in headers)
    info = chunk(b"LIST", b"INFO" + chunk(b"INAM", b"odd"))
    samples = chunk(b"LIST", b"sdta" + chunk(b"smpl", b"phdr"))
    pdta = chunk(b"LIST", b"pdta" + chunk(b"phdr", phdr) + chunk(b"pbag", b"1234"))
    path.write_bytes(chunk(b"RIFF", b"sfbk" + info + samples + pdta))
    return path


def test_a_name_or_a_path(tmp_path, monkeypatch):
    monkeypatch.setattr(soundfonts, "_FOLDERS", (str(tmp_path),))
    for font in (FLUIDR3, CSOUND):
        (tmp_path / font.file).touch()
    (tmp_path / "my.sf2").touch()
    assert soundfonts.find_soundfont().name == FLUIDR3.file
    assert soundfonts.find_soundfont("csound").name == CSOUND.file
    assert soundfonts.find_soundfont(str(tmp_path / "my.sf2")) == tmp_path / "my.sf2"


def test_missing_soundfont_is_a_user_error(tmp_path, monkeypatch):
    monkeypatch.setattr(soundfonts, "_FOLDERS", (str(tmp_path),))
    with pytest.raises(UserError, match=r"no/such\.sf2 is not there.*timgm6mb.*--soundfont"):
        soundfonts.find_soundfont("no/such.sf2")
    with pytest.raises(UserError, match=r"TimGM6mb\.sf2 is not there: install timgm6mb-soundfont"):
        soundfonts.find_soundfont("timgm6mb")


def test_presets_are_read(tmp_path):
    font = soundfont(tmp_path / "a.sf2", (0, 0), (0, 127), (8, 3), (128, 32))
    assert soundfonts.presets(font) == {(0, 0), (0, 127), (8, 3), (128, 32)}


@pytest.mark.parametrize("content", [b"", b"no font", b"RIFF\x04\0\0\0sfbk", chunk(b"RIFF", b"WAVEfmt ")])
def test_other_files_are_a_user_error(tmp_path, content):
    (tmp_path / "a.sf2").write_bytes(content)
    with pytest.raises(UserError, match=r"a\.sf2 is no SoundFont"):
        soundfonts.presets(tmp_path / "a.sf2")


def test_missing_instruments_are_named(tmp_path):
    font = soundfont(tmp_path / "a.sf2", (0, 0), (8, 12), (128, 0))
    soundfonts.require_presets(font, {0}, {0})
    with pytest.raises(UserError, match=r"a\.sf2 lacks the General MIDI programs 12, 40, which"):
        soundfonts.require_presets(font, {40, 12, 0}, set())


def test_a_missing_kit_is_the_standard_kit(tmp_path, capsys):
    soundfonts.require_presets(soundfont(tmp_path / "a.sf2", (128, 0)), set(), {32})
    assert "lacks the drum kit 32: the standard kit is used" in capsys.readouterr().err
    with pytest.raises(UserError, match="no drum kit"):
        soundfonts.require_presets(soundfont(tmp_path / "b.sf2", (0, 32)), set(), {32})


def test_name_digest_and_licence(tmp_path):
    (tmp_path / "TimGM6mb.sf2").write_bytes(b"sounds")
    digest = hashlib.sha256(b"sounds").hexdigest()
    assert soundfonts.identity(tmp_path / "TimGM6mb.sf2") == {"name": "TimGM6mb", "sha256": digest}
    assert soundfonts.licence(tmp_path / "TimGM6mb.sf2") == "sounds of TimGM6mb, Tim Brechbill, GPL 2"
    assert soundfonts.licence(tmp_path / "mine.sf2") == "sounds of mine"
    assert len({font.file for font in NAMED.values()}) == len(NAMED)
