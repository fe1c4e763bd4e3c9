from pathlib import Path

import pytest

from pipelines.data.skipped_songs import SkipReport, grouped
from pipelines.errors import UserError


def test_few_songs_are_reported_once(capsys):
    skips = SkipReport()
    skips.add("a.wav", "is empty")
    skips.summary()
    assert capsys.readouterr().err == "skipped: a.wav is empty\n"


def test_many_songs_are_counted_by_reason(capsys):
    skips = SkipReport()
    for index in range(300):
        skips.add(f"{index}.wav", f"is too short (0.{index} s)")
    skips.add("x.wav", "is empty")
    skips.summary()
    lines = capsys.readouterr().err.splitlines()
    assert lines[4:] == [
        "skipped: 4.wav is too short (0.4 s)",
        "skipped: 300 songs (0.wav, 1.wav, 2.wav and 297 more): the first is too short (0.0 s)",
        "skipped: x.wav is empty",
    ]


def test_a_command_that_skipped_songs_fails_at_its_end(capsys):
    skips = SkipReport("not translated")
    skips.require_none(3, "translated")
    skips.add_error(Path("x/a.wav"), UserError("x/a.wav is empty: copy it again"))
    with pytest.raises(UserError, match=r"1 of 3 songs could not be translated \(see above\): x/a.wav"):
        skips.require_none(3, "translated")
    assert capsys.readouterr().err == "not translated: x/a.wav is empty: copy it again\n"


def test_grouped():
    assert grouped([]) == []
    assert grouped([("a", "is empty"), ("b", "is 2 s long"), ("c", "is 3 s long")]) == [
        "2 songs (b, c): the first is 2 s long",
        "a is empty",
    ]
