"""Trainer: resumed equals uninterrupted, stops, divergence, too little memory, several steps at once."""

import json
import os
import shutil
import signal
import time

import keras
import numpy as np
import pytest
import tensorflow as tf

from pipelines.errors import UserError
from pipelines.nn.translator import load_translator
from pipelines.training.callbacks.checkpoint import Checkpoint, newest_step
from pipelines.training.callbacks.evaluation import Evaluation
from pipelines.training.callbacks.limits import Limit
from pipelines.training.callbacks.tensorboard import Previews, Scalars, brief
from pipelines.training.config import Budget, Cadence, Execution
from pipelines.training.distribution import Devices
from pipelines.training.saving import Best
from pipelines.training.summaries import Summaries
from pipelines.training.trainer import Outcome, Trainer
from pipelines.training.workdir import RunRecord, Workdir
from tests.contracts import state
from tests.training import fakes

EVERY = Cadence(log_every=2, summary_every=4, checkpoint_every=4)
BALANCE = {4: 0.7, 6: 0.5, 8: 0.6}


def start(parent):
    folder = Workdir(parent / "run")
    folder.start(RunRecord("tiny", "tiny", 0, {"steps": 6}), fakes.SPEC)
    return folder


@pytest.fixture
def workdir(tmp_path):
    return start(tmp_path)


def train(workdir, budget, before=lambda step: None, model=None, cadence=EVERY, keep=None, devices=None):
    """Trains a new model, as a new process would."""
    keras.backend.clear_session()
    keras.utils.set_random_seed(5)
    model = model or fakes.TinyModel()
    summaries = Summaries(workdir.logs, fakes.SPEC, fakes.clips())
    limit = Limit(budget)
    checkpoint = Checkpoint(
        workdir.checkpoints,
        cadence.checkpoint_every,
        save_network=lambda: model.save_translator(workdir.translator),
        extra={"seconds": limit.seconds},
    )
    scalars = Scalars(summaries, cadence.log_every, settings={"steps": 6}, limit=limit, checkpoint=checkpoint)
    best = Best.of(workdir, keep)
    callbacks = [
        scalars,
        Previews(summaries, cadence.summary_every, scalars=scalars),
        Evaluation(lambda: fakes.FakeEvaluator(model, BALANCE), summaries, cadence.evaluation_steps, best),
    ]
    trainer = Trainer(model, limit=limit, checkpoint=checkpoint, callbacks=callbacks, devices=devices)
    return model, trainer.fit(lambda first: fakes.batches(first, before))


def interrupt_before(step, number=signal.SIGINT):
    return lambda current: os.kill(os.getpid(), number) if current == step else None


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A run of six steps without a stop: its folder, its first state, its model and its outcome."""
    folder = start(tmp_path_factory.mktemp("whole"))
    keras.backend.clear_session()  # so that both models' variables get the same names
    keras.utils.set_random_seed(5)
    first = fakes.TinyModel()
    first.compile()
    first = state(first)
    return folder, first, *train(folder, Budget(steps=6))


def test_resumed_equals_uninterrupted_to_the_last_bit(whole, workdir):
    _, _, expected, outcome = whole
    assert outcome == Outcome(6, 6)
    _, stopped = train(workdir, Budget(steps=6), interrupt_before(2))
    assert stopped == Outcome(3, 3, signal.SIGINT)
    resumed, outcome = train(workdir, Budget(steps=6))
    assert outcome == Outcome(6, 3)
    ours, theirs = state(resumed), state(expected)
    assert len(ours) == len(theirs) > 30
    for name in theirs:
        np.testing.assert_array_equal(ours[name], theirs[name], err_msg=name)


def test_the_state_that_is_compared_does_change(whole):
    _, before, model, _ = whole
    after = state(model)
    still = [name for name, old in before.items() if np.array_equal(old, after[name])]
    # The seed of the run, its length, and what a dropout draws from.
    constant = {"seed", "total_steps", "learning_rate", "seed_generator_state"}
    assert {name.partition(" ")[2] for name in still} <= constant, still


@pytest.mark.slow
def test_a_finished_run_says_so_and_a_larger_budget_goes_on(whole, tmp_path, capfd):
    folder = Workdir(tmp_path / "copy")
    shutil.copytree(whole[0].path, folder.path)
    assert train(folder, Budget(steps=6))[1] == Outcome(6, 0)
    assert "already finished" in capfd.readouterr().err
    model, outcome = train(folder, Budget(steps=8))
    assert outcome == Outcome(8, 2)
    assert float(model.total_steps.numpy()) == 8


@pytest.mark.slow
def test_minutes_end_the_run_and_their_clock_survives(workdir):
    model, outcome = train(workdir, Budget(minutes=0.06))
    assert outcome.step > 0
    assert 0.0 < float(model.progress) <= 1.0
    _, again = train(workdir, Budget(minutes=0.06))
    assert again == Outcome(outcome.step, 0)


def test_sigterm_saves_and_the_handlers_come_back(workdir, capfd):
    before = signal.getsignal(signal.SIGTERM)
    _, outcome = train(workdir, Budget(steps=50), interrupt_before(1, signal.SIGTERM))
    assert outcome == Outcome(2, 2, signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is before
    assert "measuring the validation songs" in capfd.readouterr().err
    never = Cadence(evaluate_every=0)
    assert train(workdir, Budget(steps=3), cadence=never)[1] == Outcome(3, 1)
    assert "measuring" not in capfd.readouterr().err


@pytest.fixture
def new_process_handler():
    """Ctrl-C as a new process takes it, whatever tests before have left."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before or signal.default_int_handler)


@pytest.mark.usefixtures("new_process_handler")
def test_a_second_ctrl_c_stops_at_once(workdir):
    def twice(step):
        if step == 1:
            first = signal.getsignal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
            # Of two signals that wait for the main thread, one may be dropped.
            while signal.getsignal(signal.SIGINT) is first:
                time.sleep(0.01)
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        train(workdir, Budget(steps=50), twice)


def test_a_loss_that_is_not_a_number_stops_and_the_good_checkpoint_stays(workdir):
    model = fakes.TinyModel()

    def break_down(step):
        if step == 5:
            model.translator.trainable_variables[0].assign(np.nan * model.translator.trainable_variables[0])

    with pytest.raises(UserError, match=r"step 6: .*not a number; the checkpoint of step 4 is intact"):
        train(workdir, Budget(steps=50), break_down, model)
    good = fakes.TinyModel()
    good.compile()
    checkpoint = Checkpoint(workdir.checkpoints, 4, extra={"seconds": Limit(Budget(1)).seconds})
    checkpoint.set_model(good)
    assert checkpoint.restore() == 4
    assert all(np.isfinite(value).all() for value in state(good).values())


def test_a_weight_that_is_not_a_number_is_never_saved(workdir):
    model = fakes.TinyModel()
    model.compile()
    average = next(v for v in model.optimizers["generator"].variables if "average" in v.path)

    def break_down(step):
        if step == 1:
            average.assign(average + np.inf)

    with pytest.raises(UserError, match="a weight became not a number; nothing was saved yet"):
        train(workdir, Budget(steps=2), break_down, model)
    assert not list(workdir.checkpoints.glob("*.index"))


def test_out_of_memory_keeps_the_steps_done(whole, workdir):
    def exhausted(step):
        if step == 3:
            raise tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor")

    with pytest.raises(tf.errors.ResourceExhaustedError):
        train(workdir, Budget(steps=6), exhausted)
    assert load_translator(workdir.translator).card.steps == 3
    resumed, outcome = train(workdir, Budget(steps=6))
    assert outcome == Outcome(6, 3)
    ours, theirs = state(resumed), state(whole[2])
    for name in theirs:
        np.testing.assert_array_equal(ours[name], theirs[name], err_msg=name)


@pytest.mark.slow
def test_out_of_memory_while_saving_keeps_the_checkpoint_before(workdir, monkeypatch):
    def exhausted(*_):
        raise MemoryError

    train(workdir, Budget(steps=2))
    monkeypatch.setattr(Checkpoint, "save", exhausted)
    with pytest.raises(MemoryError):
        train(workdir, Budget(steps=8))
    assert newest_step(workdir.checkpoints) == 2


def test_a_cut_off_translator_is_written_again_by_the_finished_run(workdir):
    train(workdir, Budget(steps=2))
    network = workdir.translator / "translator.keras"
    network.write_bytes(network.read_bytes()[:1000])
    with pytest.raises(UserError, match=r"cannot be loaded .*: `coverband train` with --resume"):
        load_translator(workdir.translator)
    assert train(workdir, Budget(steps=2))[1] == Outcome(2, 0)
    assert load_translator(workdir.translator).card.steps == 2


def test_the_translator_is_the_average_and_carries_its_step(whole):
    folder, _, model, _ = whole
    translator = load_translator(folder.translator)
    mels = fakes.batch_of(0)["content"]
    with model.averaged():
        np.testing.assert_allclose(translator.model(mels), model.translator(mels), atol=1e-6)
    assert np.abs(translator.model(mels) - model.translator(mels)).max() > 1e-4
    assert translator.card.steps == 6
    assert translator.spec == fakes.SPEC


def test_tensorboard_gets_every_curve_sound_and_picture(whole):
    tags = {}
    for path in sorted(whole[0].logs.glob("events*")):
        for event in tf.compat.v1.train.summary_iterator(str(path)):
            for value in event.summary.value:
                tags.setdefault(value.tag, []).append(event.step)
    assert tags["loss/distance"] == tags["discriminator/band"] == tags["learning_rate/generator"] == [2, 4, 6]
    assert tags["preview/translation"] == tags["preview/cycle"] == tags["preview/spectrograms"] == [4, 6]
    assert tags["reference/source"] == tags["reference/band"] == tags["reference/source_inverted"] == [0]
    assert {"about/config", "about/what_each_curve_should_look_like", "health/findings"} <= set(tags)
    assert tags["health/level_db"] == tags["score/balance"] == tags["run/evaluation_seconds"] == [4, 6]
    assert tags["about/scores_to_compare_with"] == [0]


def test_the_best_survives_a_kill_and_what_comes_after_it(workdir):
    def killed(step):
        if step == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(workdir, Budget(steps=8), killed, keep="score/balance")
    assert json.loads(workdir.best_record.read_text()) == {"metric": "score/balance", "value": 0.7, "step": 4}
    kept = load_translator(workdir.best)
    train(workdir, Budget(steps=8), cadence=Cadence(2, 4, 4, 2))
    assert load_translator(workdir.best).card == kept.card
    assert kept.card.steps == 4


def test_the_cadence_must_be_positive():
    with pytest.raises(UserError, match="--summary_every 0"):
        Cadence(summary_every=0)


def logged(folder, tag):
    """Values of a TensorBoard curve by step."""
    events = (e for f in sorted(folder.glob("events*")) for e in tf.compat.v1.train.summary_iterator(str(f)))
    return {e.step: float(tf.make_ndarray(v.tensor)) for e in events for v in e.summary.value if v.tag == tag}


def at_once(folder, count, before=lambda step: None):
    """Nine steps, so many in one execution, with callbacks that are due at other steps."""
    devices = Devices(Execution(steps_per_execution=count))
    return train(folder, Budget(steps=9), before, cadence=Cadence(2, 6, 4, 5), devices=devices)


@pytest.mark.slow
def test_two_steps_in_one_execution_are_as_one_by_one(tmp_path):
    folders = [start(tmp_path / name) for name in ("one", "two")]
    (one, first), (two, second) = (at_once(each, count) for count, each in enumerate(folders, 1))
    assert first == second == Outcome(9, 9)
    for tag in ("loss/distance", "health/level_db", "run/evaluation_seconds"):
        values = [logged(each.logs, tag) for each in folders]
        assert list(values[0]) == list(values[1])
    ours, theirs = (logged(each.logs, "loss/distance") for each in folders)
    assert ours == pytest.approx(theirs, rel=1e-5)
    for a, b in zip(one.variables, two.variables, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5, err_msg=a.path)


@pytest.mark.slow
def test_ctrl_c_ends_an_execution_of_several_steps(workdir):
    _, outcome = at_once(workdir, 2, interrupt_before(2))
    assert outcome == Outcome(4, 4, signal.SIGINT)
    assert at_once(workdir, 2)[1] == Outcome(9, 5)


def test_a_few_losses_on_one_line():
    losses = {"cycle/band": 0.1, "cycle/content": 0.3, "total": 2.0, "learning_rate/generator": 1e-4}
    assert brief(losses) == "cycle 0.2, total 2"
    assert brief({f"loss_{i}": 1.0 for i in range(9)}).count(",") == 3


def test_the_bar_shows_steps_and_losses(workdir, capfd):
    train(workdir, Budget(steps=4))
    shown = capfd.readouterr().err
    assert "4/4" in shown
    assert "distance 0." in shown
