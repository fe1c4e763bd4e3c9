"""The loop: resumed equals uninterrupted, stopping, diverging, full disks."""

import json
import os
import signal

import keras
import numpy as np
import pytest
import tensorflow as tf

from pipelines.errors import UserError
from pipelines.nn.translator import load_translator
from pipelines.training import experiment
from pipelines.training.budget import Budget
from pipelines.training.experiment import Cadence, Outcome
from pipelines.training.runs import RunRecord, Workdir
from tests.training import fakes

EVERY = Cadence(log_every=2, summary_every=4, checkpoint_every=4)


@pytest.fixture
def workdir(tmp_path):
    folder = Workdir(tmp_path / "run")
    folder.start(RunRecord("tiny", "tiny", 0, {"steps": 6}), fakes.SPEC)
    return folder


def train(workdir, budget, before=lambda step: None, model=None, cadence=EVERY):
    """Trains a new model, as a new process would."""
    keras.backend.clear_session()
    keras.utils.set_random_seed(5)
    model = model or fakes.TinyModel()
    outcome = experiment.train(
        model,
        lambda first: fakes.batches(first, before),
        workdir=workdir,
        spec=fakes.SPEC,
        budget=budget,
        clips=fakes.clips(),
        cadence=cadence,
    )
    return model, outcome


def interrupt_before(step, number=signal.SIGINT):
    return lambda current: os.kill(os.getpid(), number) if current == step else None


def state(model):
    """Every value that training changes, by an own list (not by the checkpoint's)."""
    optimizers = (model.generator_optimizer, model.optimizers["judge"])
    variables = [*model.variables, *(v for optimizer in optimizers for v in optimizer.variables)]
    values = {f"{i} {v.path}": v.numpy() for i, v in enumerate(variables)}
    return values | {name: getattr(model, name).numpy() for name in ("pool", "step", "progress")}


def test_resumed_equals_uninterrupted_to_the_last_bit(tmp_path, workdir):
    whole = Workdir(tmp_path / "whole")
    whole.start(RunRecord("tiny", "tiny", 0, {}), fakes.SPEC)
    expected, outcome = train(whole, Budget(steps=6))
    assert outcome == Outcome(6, 6)
    _, stopped = train(workdir, Budget(steps=6), interrupt_before(2))
    assert stopped == Outcome(3, 3, signal.SIGINT)
    resumed, outcome = train(workdir, Budget(steps=6))
    assert outcome == Outcome(6, 3)
    ours, theirs = state(resumed), state(expected)
    assert len(ours) == len(theirs) > 30
    for name in theirs:
        np.testing.assert_array_equal(ours[name], theirs[name], err_msg=name)


def test_the_state_that_is_compared_does_change(workdir):
    before = state(fakes.TinyModel())
    after = state(train(workdir, Budget(steps=6))[0])
    still = [
        name
        for (name, old), new in zip(before.items(), after.values(), strict=True)
        if np.array_equal(old, new)
    ]
    assert all("learning_rate" in name or "seed_generator" in name for name in still), still


def test_a_finished_run_says_so_and_a_larger_budget_goes_on(workdir, capfd):
    train(workdir, Budget(steps=4))
    assert train(workdir, Budget(steps=4))[1] == Outcome(4, 0)
    assert "already finished" in capfd.readouterr().err
    model, outcome = train(workdir, Budget(steps=5))
    assert outcome == Outcome(5, 1)
    assert model.progress.numpy() == pytest.approx(4 / 5)


def test_minutes_end_the_run_and_their_clock_survives(workdir):
    model, outcome = train(workdir, Budget(minutes=0.03))
    assert outcome.step > 0
    assert 0.0 < model.progress.numpy() <= 1.0
    _, again = train(workdir, Budget(minutes=0.03))
    assert again == Outcome(outcome.step, 0)


def test_sigterm_saves_and_the_handlers_come_back(workdir):
    before = signal.getsignal(signal.SIGTERM)
    _, outcome = train(workdir, Budget(steps=50), interrupt_before(1, signal.SIGTERM))
    assert outcome == Outcome(2, 2, signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is before
    assert train(workdir, Budget(steps=3))[1] == Outcome(3, 1)


def test_a_second_ctrl_c_stops_at_once(workdir):
    def twice(step):
        if step == 1:
            os.kill(os.getpid(), signal.SIGINT)
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        train(workdir, Budget(steps=50), twice)


def test_a_loss_that_is_not_a_number_stops_and_the_good_checkpoint_stays(workdir):
    model = fakes.TinyModel()

    def break_down(step):
        if step == 5:
            model.generator.trainable_variables[0].assign(np.nan * model.generator.trainable_variables[0])

    with pytest.raises(UserError, match=r"step 6: .*not a number; the checkpoint of step 4 is good"):
        train(workdir, Budget(steps=50), break_down, model)
    good, _ = train(workdir, Budget(steps=5))
    assert all(np.isfinite(value).all() for value in state(good).values())


def test_a_weight_that_is_not_a_number_is_never_saved(workdir):
    model = fakes.TinyModel()

    def break_down(step):
        if step == 1:
            model.translator.variables[0].assign(np.inf * model.translator.variables[0])

    with pytest.raises(UserError, match="a weight became not a number; nothing was saved yet"):
        train(workdir, Budget(steps=2), break_down, model)
    assert not list(workdir.checkpoints.glob("*.index"))


def test_a_full_disk_is_one_sentence(workdir, monkeypatch):
    train(workdir, Budget(steps=4))

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(experiment, "save_translator", full)
    with pytest.raises(UserError, match=r"is full; the checkpoint of step 8 is intact: free some space"):
        train(workdir, Budget(steps=8))


def test_the_translator_is_the_average_and_carries_its_step(workdir):
    model, _ = train(workdir, Budget(steps=4))
    translator = load_translator(workdir.translator)
    mels = fakes.batch_of(0)["content"]
    np.testing.assert_allclose(translator.model(mels), model.translator(mels), atol=1e-6)
    assert translator.card.steps == 4
    assert translator.spec == fakes.SPEC


def test_tensorboard_gets_every_curve_sound_and_picture(workdir):
    train(workdir, Budget(steps=6))
    tags = {}
    for path in sorted(workdir.logs.glob("events*")):
        for event in tf.compat.v1.train.summary_iterator(str(path)):
            for value in event.summary.value:
                tags.setdefault(value.tag, []).append(event.step)
    assert tags["loss/distance"] == tags["discriminator/band"] == tags["rate/generator"] == [2, 4, 6]
    assert tags["preview/translation"] == tags["preview/cycle"] == tags["preview/spectrograms"] == [4, 6]
    assert tags["reference/source"] == tags["reference/band"] == tags["reference/source_inverted"] == [0]
    assert {
        "about/config",
        "about/what_each_curve_should_look_like",
        "watch/findings",
        "watch/level_db",
    } <= set(tags)


def test_the_cadence_must_be_positive():
    with pytest.raises(UserError, match="--summary_every 0"):
        Cadence(summary_every=0)


def test_the_workdir_records_what_was_run(workdir):
    train(workdir, Budget(steps=1))
    assert json.loads(workdir.config.read_text())["config"] == {"steps": 6}
