import pytest

from coverband.training_times import stated, trainings
from tests.data.survey.made import songs, survey


def long():
    """One GPU, hours: wider. Not trained yet,
    so no numbers are known.

    Command: coverband train x
    """


def short():
    """Two cores.

    Command: coverband train x
    Time: 600 steps in two and
    a half minutes.
    Expect (a benchmark): 7.5 dB.
    """


def test_what_docstrings_state():
    assert stated(long) == "One GPU, hours: wider. Not trained yet, so no numbers are known"
    assert stated(short) == "600 steps in two and a half minutes"


def test_every_family_that_learns_from_the_folders():
    found = {each.preset: each for each in trainings(survey(songs("content", 10), songs("band", 10)))}
    assert "transcriber_tiny" not in found
    assert {"cyclegan_tiny", "content_decoder_tiny", "vaegan_base", "vocoder_tiny"} <= set(found)
    tiny = found["cyclegan_tiny"]
    assert tiny.time.startswith("800 steps in 9 minutes")
    assert tiny.heard == pytest.approx(800 * 8 * 64 * 512 / 44100 / 60)
    assert tiny.passes == pytest.approx(tiny.heard / (8 * 3))  # of ten songs, one is valid and one test
