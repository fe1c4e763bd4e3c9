import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from pipelines.data.config import CropConfig
from pipelines.errors import UserError
from pipelines.nn.neural_vocoder import checkpoint
from pipelines.nn.translator import save_translator, translate
from tests.contracts import batch_of
from tests.inference import tiny as inference_tiny
from tests.shrinking import shrunk
from tests.vaegan import tiny as vaegan_tiny
from tests.vocoder import tiny
from transcriber import content
from vocoder import train
from vocoder.config import PRESETS, Config, NetworkConfig, vocoder_tiny


@pytest.fixture(scope="module")
def trained():
    """A model after some steps on one batch without discriminators, and its first and last losses."""
    model = tiny.model(discriminator={"begin": 1.0}, source={"unsourced": 0.5})
    step = tf.function(model.train_step, autograph=False)
    model.step.assign(round(0.2 * model.config.steps))
    logs = [step(tiny.batch(0)) for _ in range(80)]
    return model, logs


@pytest.mark.slow
def test_it_learns(trained):
    _, logs = trained
    for name in ("stft/convergence", "amplitude"):
        # Every step draws another source.
        first, last = (np.mean([log[name] for log in part]) for part in (logs[:40], logs[40:]))
        assert last < first, (name, first, last)


@pytest.mark.slow
def test_every_scalar_is_explained_and_finite(trained):
    model, logs = trained
    assert set(logs[0]) == set(model.metric_descriptions)
    assert all(np.isfinite(value) for log in logs for value in log.values())
    assert all(sentence.endswith(".") for sentence in model.metric_descriptions.values())


@pytest.mark.slow
def test_discriminators_are_not_trained_before_they_are_used(trained):
    model, logs = trained
    fresh = tiny.model(discriminator={"begin": 1.0})
    for ours, theirs in zip(model.discriminator.weights, fresh.discriminator.weights, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert float(logs[-1]["gates/discriminator"]) == 0


def test_with_discriminators_all_losses_count():
    model = tiny.model()
    model.step.assign(model.config.steps // 2)
    log = model.train_step(tiny.batch(0))
    assert float(log["gates/discriminator"]) == 1
    assert all(float(log[name]) != 0 for name in ("adversarial", "features", "discriminator"))


def test_it_is_trained_on_generated_log_mels():
    inputs = []
    model = tiny.model()
    model._translate = lambda log_mel: inputs.append(log_mel) or 0.5 * log_mel
    model.train_step(tiny.batch(0))
    assert inputs[0].shape == (2, tiny.FRAMES, tiny.SPEC.n_mels, 1)


def no_clips():
    raise AssertionError("clips are read for nothing")


@pytest.mark.parametrize("kind", [inference_tiny.trained, inference_tiny.trained_noisy])
def test_a_translator_is_found_and_another_spec_s_refused(tmp_path, kind):
    translator = kind(tmp_path / "translator")
    config = shrunk(vocoder_tiny(), inference_tiny.SPEC, tiny.SMALL)
    model = train.build(dataclasses.replace(config, translator=str(tmp_path)), "data", no_clips)
    log_mel = (
        np.random.default_rng(0).uniform(-1, 1, (1, 8, inference_tiny.SPEC.n_mels, 1)).astype(np.float32)
    )
    found = tf.function(model._translate, autograph=False)(log_mel)
    np.testing.assert_allclose(found, translate(translator.model, log_mel), atol=1e-5)
    with pytest.raises(UserError, match=f"{tmp_path} and data were made with different audio specs"):
        train.build(dataclasses.replace(tiny.config(), translator=str(tmp_path)), "data", no_clips)


def test_the_band_s_songs_are_translated_at_the_band_s_levels(tmp_path):
    model = vaegan_tiny.model()
    log_mel = batch_of(vaegan_tiny.SPEC, vaegan_tiny.FRAMES, 0)["band"].numpy()
    save_translator(tmp_path, model.translator, vaegan_tiny.SPEC, inference_tiny.CARD)
    config = shrunk(vocoder_tiny(), vaegan_tiny.SPEC, tiny.SMALL)
    config = dataclasses.replace(config, translator=str(tmp_path))
    at_other_levels = translate(model.translator, log_mel)
    found = train.build(config, "data", lambda: log_mel)._translate(log_mel)
    content.set_levels(model.translator, log_mel)
    np.testing.assert_allclose(found, translate(model.translator, log_mel), atol=1e-5)
    assert np.abs(found - at_other_levels).max() > 1e-3


@pytest.mark.slow
def test_a_run_begins_with_other_weights_of_its_size(trained, tmp_path):
    checkpoint.save(tmp_path / "vocoder.npz", trained[0].inverter)
    model = tiny.model()
    train.initialize(model, tmp_path)
    for ours, theirs in zip(model.network.weights, trained[0].network.weights, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    with pytest.raises(UserError, match=r"is of another size \(its preset was vocoder_tiny\)"):
        train.initialize(tiny.model(network={"width": 8}), tmp_path)


@pytest.mark.parametrize("name", list(PRESETS))
def test_presets_know_their_names(name):
    assert PRESETS[name].config().preset == name


@pytest.mark.parametrize(
    "wrong",
    [
        {"network": NetworkConfig(phase_bins=0)},
        {"network": NetworkConfig(kernel=4)},
        {"data": CropConfig(6)},
    ],
)
def test_what_does_not_fit_is_refused(wrong):
    with pytest.raises(ValueError, match=r"network|data"):
        Config(**wrong)
