import pytest

from coverband import training_times
from pipelines.data.survey import tables
from tests.data.survey.made import songs, survey


def seconds(trial):
    if trial.family == "vocoder":
        raise ValueError("too little memory")
    return 0.5 if trial.family == "content_decoder" else 36.0


@pytest.fixture(scope="module")
def found():
    wanted = ("content_decoder_tiny", "vaegan_base", "vocoder_tiny")
    presets = training_times.trainings(survey(songs("content", 10), songs("band", 10)))
    return training_times.tried([each for each in presets if each.preset in wanted], 1, seconds)


def test_minutes_are_the_steps_times_what_one_takes(found):
    here = {each.preset: each.here for each in found}
    assert here == {
        "content_decoder_tiny": 600 * 0.5 / 60,
        "vaegan_base": 50_000 * 36.0 / 60,
        "vocoder_tiny": None,
    }


def test_the_table_says_what_was_tried(found):
    text = tables.training(found)
    assert "600 steps in 5 minutes here" in text
    assert "50,000 steps in 500 hours here" in text
    assert "some steps were tried" in text
    (vocoder,) = (each for each in found if each.here is None)
    assert vocoder.lasts == vocoder.time


def test_steps_are_timed_on_a_new_model(tmp_path):
    data = training_times._synthesised(tmp_path, 1)
    trial = training_times.Trial("content_decoder", "content_decoder_tiny", data)
    assert 0 < training_times.seconds_per_step(trial) < 60
