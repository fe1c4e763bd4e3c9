import pytest

from coverband.training_times import trainings
from tests.data.survey.made import songs, survey


def test_every_family_that_learns_from_the_folders():
    found = {each.preset: each for each in trainings(survey(songs("content", 10), songs("band", 10)))}
    assert "transcriber_tiny" not in found
    assert {"cyclegan_tiny", "content_decoder_tiny", "vaegan_base", "vocoder_tiny"} <= set(found)
    tiny = found["cyclegan_tiny"]
    assert tiny.time.startswith("800 steps in 9 minutes")
    assert tiny.heard == pytest.approx(800 * 8 * 64 * 512 / 44100 / 60)
    assert tiny.passes == pytest.approx(tiny.heard / (8 * 3))  # of ten songs, one is valid and one test
