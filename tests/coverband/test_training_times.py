import pytest

from coverband import training_times
from coverband.training_times import measured_costs, training_costs
from pipelines.data.survey import tables
from tests.data.survey.fakes import report, songs


@pytest.fixture(scope="module")
def costs():
    return {each.preset: each for each in training_costs(report(songs("content", 10), songs("band", 10)))}


def test_every_preset_that_is_trained_on_a_data_folder_has_its_costs(costs):
    assert not {"transcriber_tiny", "base_tiny"} & set(costs)
    assert {"cyclegan_tiny", "content_decoder_tiny", "vaegan_base", "vocoder_tiny"} <= set(costs)
    tiny = costs["cyclegan_tiny"]
    assert tiny.time.startswith("800 steps in 9 minutes")
    assert tiny.minutes_processed == pytest.approx(800 * 8 * 64 * 512 / 44100 / 60)
    # Of ten songs, one is for validation and one for testing.
    assert tiny.passes == pytest.approx(tiny.minutes_processed / (8 * 3))


def fake_seconds(trial):
    if trial.family == "vocoder":
        raise ValueError("too little memory")
    return 0.5 if trial.family == "content_decoder" else 36.0


@pytest.fixture(scope="module")
def measured(costs):
    chosen = ("content_decoder_tiny", "vaegan_base", "vocoder_tiny")
    return measured_costs([costs[preset] for preset in chosen], 1, fake_seconds)


@pytest.mark.slow
def test_the_estimate_is_the_number_of_steps_times_the_seconds_of_one(measured):
    assert {each.preset: each.here for each in measured} == {
        "content_decoder_tiny": 600 * 0.5 / 60,
        "vaegan_base": 2200 * 36.0 / 60,
        "vocoder_tiny": None,
    }


@pytest.mark.slow
def test_the_table_shows_the_estimates(measured):
    text = tables.training(measured)
    assert "600 steps in 5 minutes here" in text
    assert "2,200 steps in 22 hours here" in text
    assert "measured here" in text
    (vocoder,) = (each for each in measured if each.here is None)
    assert vocoder.duration == vocoder.time


@pytest.mark.slow
def test_a_step_is_measured_on_synthesised_songs(tmp_path):
    data = training_times._synthesised_corpus(tmp_path, 1)
    trial = training_times.Trial("content_decoder", "content_decoder_tiny", data, tmp_path)
    assert 0 < training_times.seconds_per_step(trial) < 60
