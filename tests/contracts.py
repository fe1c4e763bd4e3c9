"""Contract of every family's model, as a class of tests; a subclass defines how its model is built."""

from __future__ import annotations

import contextlib
import functools
import os
import re
import signal
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
import pytest
import tensorflow as tf

from pipelines import configuration
from pipelines.audio.spec import AudioSpec
from pipelines.inference.export import TranslationModule
from pipelines.inference.onnx_export import export_onnx
from pipelines.inference.onnx_network import OnnxNetwork
from pipelines.inference.window_translator import WindowTranslator
from pipelines.inference.windows import Windows, translate_whole
from pipelines.nn.model import BaseModel
from pipelines.nn.translator import Translator, load_translator, save_translator
from pipelines.training.callbacks.checkpoint import Checkpoint
from pipelines.training.callbacks.limits import Limit
from pipelines.training.callbacks.tensorboard import Previews, Scalars
from pipelines.training.config import Budget, Cadence
from pipelines.training.summaries import Summaries
from pipelines.training.trainer import Outcome, Trainer
from pipelines.training.workdir import RunRecord, Workdir

BATCH = 2
EVERY = Cadence(log_every=1, summary_every=3, checkpoint_every=3)
SEED = 5
STEPS = 3


def batch_of(spec: AudioSpec, frames: int, step: int) -> dict[str, tf.Tensor]:
    """The data of one step, a function of the step alone: log-mels of moving notes, darker in the band."""
    generator = np.random.default_rng(step)
    time, mel = np.arange(frames)[:, None], np.arange(spec.n_mels)[None]
    batch = {}
    for domain, tilt in (("content", -0.4), ("band", -1.2)):
        notes = generator.integers(2, spec.n_mels - 2, (BATCH, frames // 8))
        centre = np.repeat(notes, 8, axis=1)[..., None]
        peaks = np.exp(-((mel - centre) ** 2) / 4) * np.exp(-(time % 8) / 6)
        clips = -0.8 + peaks + tilt * mel / spec.n_mels * peaks
        clips += 0.05 * generator.normal(size=clips.shape)
        batch[domain] = tf.constant(clips[..., None], tf.float32)
    return batch


def batches(spec: AudioSpec, frames: int, first: int, stop: int | None = None) -> Iterator[dict[str, Any]]:
    """Batches without end; at step `stop` the process gets the signal that Ctrl-C sends."""
    step = first
    while True:
        if step == stop:
            os.kill(os.getpid(), signal.SIGINT)
        yield batch_of(spec, frames, step)
        step += 1


def randomize(network: keras.Model, seed: int = 0) -> None:
    """Random weights everywhere, those that begin as zero too, of the size that keeps signals alive."""
    generator = np.random.default_rng(seed)
    for weight in network.trainable_variables:
        fan_in = max(int(np.prod(weight.shape[:-1])), 1) if len(weight.shape) > 1 else 100
        weight.assign(weight + generator.normal(size=weight.shape) / np.sqrt(fan_in))


def state(model: BaseModel) -> dict[str, np.ndarray]:
    """Every number that training changes, found without the checkpoint's own list."""
    variables = [
        *model.variables,
        *(v for optimizer in model.optimizers.values() for v in optimizer.variables),
    ]
    return {f"{i} {v.name}": np.array(v) for i, v in enumerate(variables)}


@contextlib.contextmanager
def without_graphs() -> Iterator[None]:
    """A few steps take less time than tracing them; that graphs compute the same, tests/training shows."""
    tf.config.run_functions_eagerly(True)
    try:
        yield
    finally:
        tf.config.run_functions_eagerly(False)


class Trained(NamedTuple):
    """Trainable variables before a run, the model after it, and what was logged at each step."""

    before: dict[str, np.ndarray]
    model: Any
    logs: list[dict[str, float]]


class ModelContract:
    """Subclass it as Test..., with `spec`, `frames` and `build`.

    Attributes:
        spec: a small one.
        frames: length of a training clip.
    """

    spec: AudioSpec
    frames: int

    @classmethod
    def build(cls) -> Any:
        """A new, compiled model of the family's real preset, shrunk; equal weights for equal seeds."""
        raise AssertionError(f"{cls.__name__} does not say how its model is built")

    @classmethod
    def fresh(cls) -> Any:
        """A new model, as a new process would make it."""
        keras.backend.clear_session()
        keras.utils.set_random_seed(SEED)
        return cls.build()

    @classmethod
    def train(cls, workdir: Workdir, steps: int, stop: int | None = None) -> tuple[Any, Outcome]:
        """Trains a new model by the trainer, with the callbacks of a run."""
        model = cls.fresh()
        samples = cls.spec.samples(cls.frames)
        noise = 0.1 * np.random.default_rng(0).standard_normal((2, 2, samples)).astype(np.float32)
        summaries = Summaries(workdir.logs, cls.spec, {"content": noise[0], "band": noise[1]})
        limit = Limit(Budget(steps=steps))
        checkpoint = Checkpoint(
            workdir.checkpoints,
            EVERY.checkpoint_every,
            save_network=lambda: model.save_translator(workdir.translator),
            extra={"seconds": limit.seconds},
        )
        scalars = Scalars(summaries, EVERY.log_every, limit=limit, checkpoint=checkpoint)
        callbacks = [scalars, Previews(summaries, EVERY.summary_every, scalars=scalars)]
        trainer = Trainer(model, limit=limit, checkpoint=checkpoint, callbacks=callbacks)
        with without_graphs():
            outcome = trainer.fit(lambda first: batches(cls.spec, cls.frames, first, stop))
        return model, outcome

    @classmethod
    def workdir(cls, folder: Path) -> Workdir:
        """A run's folder."""
        workdir = Workdir(folder / "run")
        workdir.start(RunRecord("contract", "contract", SEED, {"steps": STEPS}), cls.spec)
        return workdir

    @classmethod
    def song(cls, frames: int, seed: int = 9) -> tf.Tensor:
        """A log-mel of any length."""
        shape = (1, frames, cls.spec.n_mels, 1)
        return tf.constant(np.random.default_rng(seed).uniform(-0.9, 0.4, shape), tf.float32)

    @pytest.fixture(scope="class")
    @classmethod
    def whole(cls, tmp_path_factory: pytest.TempPathFactory) -> Trained:
        """A run of a few steps without a stop."""
        logs: list[dict[str, float]] = []

        def keep(_: Any, step: int, values: Mapping[str, float], curves: Any) -> None:
            logs.append(dict(values))

        before = {v.path: v.numpy() for v in cls.trained_variables(cls.fresh())}
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Summaries, "scalars", keep)
            model, outcome = cls.train(cls.workdir(tmp_path_factory.mktemp("whole")), STEPS)
        assert outcome == Outcome(STEPS, STEPS)
        described = model.metric_descriptions
        return Trained(before, model, [log for log in logs if any(name in described for name in log)])

    @pytest.fixture(scope="class")
    @classmethod
    def translator(cls, tmp_path_factory: pytest.TempPathFactory) -> Translator:
        """A translator of random weights, saved and loaded."""
        model = cls.fresh()
        randomize(model.translator)
        folder = tmp_path_factory.mktemp("contract") / "translator"
        save_translator(folder, model.translator, cls.spec, model.translator_card())
        loaded = load_translator(folder)
        assert loaded.card == model.translator_card()
        x = cls.song(4 * loaded.card.time_multiple)
        np.testing.assert_array_equal(loaded(x), model(x))
        assert np.abs(loaded(x) - x).max() > 0.1
        return loaded

    def test_another_process_knows_its_layers(self, translator):
        """Whoever loads a translator has imported no family's package."""
        found = [translator.model]
        for network in found:
            found += getattr(network, "layers", [])
        modules = {type(layer).__module__ for layer in found}
        assert {name for name in modules if not name.startswith(("keras.", "pipelines.nn."))} == set()

    @staticmethod
    def trained_variables(model: Any) -> list[keras.Variable]:
        """Trainable variables on which the optimizers were built."""
        return [v for variables in model.trained_variables.values() for v in variables]

    def test_training_changes_every_trainable_variable(self, whole):
        after = {v.path: v.numpy() for v in self.trained_variables(whole.model)}
        assert len(whole.before) == len(after) > 10
        unchanged = {path for path in after if np.array_equal(whole.before[path], after[path])}
        assert unchanged == set(self.unchanged)
        assert int(whole.model.step.numpy()) == STEPS

    def test_a_step_returns_finite_scalars_that_are_described(self, whole):
        names = {name for name in whole.logs[0] if not name.startswith("run/")}
        assert names <= set(whole.model.metric_descriptions)
        assert any(name.startswith("learning_rate/") for name in names)
        assert all(np.isfinite(value) for log in whole.logs for value in log.values())
        assert all(sentence.strip().endswith(".") for sentence in whole.model.metric_descriptions.values())

    def test_the_remedies_name_settings_and_losses_that_there_are(self, whole):
        remedies, settings = (
            whole.model.remedies,
            configuration.flat(configuration.to_dict(whole.model.config)),
        )
        told = " ".join(value for value in vars(remedies).values() if isinstance(value, str))
        named = set(re.findall(r"[a-z_]+\.[a-z_]+", told))
        assert named
        assert named <= set(settings)
        assert set(remedies.discriminators) <= set(whole.logs[0])
        assert bool(remedies.discriminator) == bool(remedies.discriminators)

    def test_it_learns(self, whole):
        for name in self.falling:
            assert min(log[name] for log in whole.logs[1:]) < whole.logs[0][name], name

    unchanged: tuple[str, ...] = ()
    """Paths of variables that a few steps do not change."""
    falling: tuple[str, ...] = ()
    """Names of the losses that fall within a few steps."""

    def test_resumed_equals_uninterrupted_to_the_last_bit(self, whole, tmp_path):
        theirs = state(whole.model)
        stopped = self.workdir(tmp_path)
        assert self.train(stopped, STEPS, stop=1)[1] == Outcome(2, 2, signal.SIGINT)
        resumed, outcome = self.train(stopped, STEPS)
        assert outcome == Outcome(STEPS, STEPS - 2)
        ours = state(resumed)
        assert len(ours) == len(theirs) > 50
        for name in theirs:
            np.testing.assert_array_equal(ours[name], theirs[name], err_msg=name)

    def test_averaged_weights_lie_between_the_first_and_the_last(self, whole):
        model = whole.model
        variables = [v for name, v in self.averaged_variables(model)]
        live = np.concatenate([v.numpy().ravel() for v in variables])
        with model.averaged():
            average = np.concatenate([v.numpy().ravel() for v in variables])
        first = self.fresh()
        start = np.concatenate([v.numpy().ravel() for _, v in self.averaged_variables(first)])
        assert 0 < np.abs(average - live).mean() < np.abs(start - live).mean()
        again = np.concatenate([v.numpy().ravel() for v in variables])
        np.testing.assert_array_equal(again, live)

    @staticmethod
    def averaged_variables(model: BaseModel) -> list[tuple[str, keras.Variable]]:
        """Variables with a moving average, beside the name of their optimizer."""
        groups = model.trained_variables
        return [(name, v) for name, o in model.optimizers.items() if o.use_ema for v in groups[name]]

    @pytest.mark.slow
    def test_keras_fit_trains_as_the_trainer_does(self, whole, tmp_path):
        """With a callback of ours: `fit` calls the same step and the same callbacks."""
        model, first = self.fresh(), batch_of(self.spec, self.frames, 0)
        signature = {name: tf.TensorSpec(x.shape, x.dtype) for name, x in first.items()}
        dataset = tf.data.Dataset.from_generator(
            lambda: batches(self.spec, self.frames, 0), output_signature=signature
        )
        model.total_steps.assign(STEPS)
        checkpoint = Checkpoint(tmp_path / "checkpoints", every=2)
        with without_graphs():
            history = model.fit(
                dataset, steps_per_epoch=STEPS, epochs=1, verbose=0, callbacks=[checkpoint], shuffle=False
            )  # Keras 3.15 warns that it does not shuffle a dataset, which is the default
        assert checkpoint.last_step == STEPS
        assert set(history.history) == {n for n in whole.logs[0] if not n.startswith("run/")}
        ours, theirs = state(model), state(whole.model)
        assert list(ours) == list(theirs)
        for name in ours:
            np.testing.assert_allclose(ours[name], theirs[name], rtol=1e-5, atol=1e-6, err_msg=name)

    def test_a_config_builds_an_equal_model(self, whole):
        rebuilt = type(whole.model).from_config(whole.model.get_config())
        assert rebuilt.config == whole.model.config
        assert [v.shape for v in rebuilt.variables] == [v.shape for v in whole.model.variables]

    def test_a_saved_model_is_loaded_with_its_weights(self, whole, tmp_path):
        whole.model.save(tmp_path / "model.keras")
        loaded = keras.saving.load_model(tmp_path / "model.keras")
        assert int(loaded.step.numpy()) == STEPS
        assert set(loaded.optimizers) == set(whole.model.optimizers)
        x = self.song(4 * whole.model.frame_geometry[1])
        np.testing.assert_allclose(loaded(x), whole.model(x), atol=1e-6)

    @pytest.mark.parametrize("frames", [1, 30, 101])
    def test_windowed_equals_whole(self, translator, frames):
        card, source = translator.card, self.song(frames)
        windows = Windows.from_context(16, context=card.context_frames, multiple=card.time_multiple)
        whole = translate_whole(tf, translator, source, windows.multiple)
        parts = []
        for window in windows.all(frames):
            network = functools.partial(translator, first_frame=window.first)
            part = translate_whole(tf, network, source[:, window.first : window.last], windows.multiple)
            parts.append(part[:, window.start - window.first : window.stop - window.first])
        np.testing.assert_allclose(tf.concat(parts, axis=1), whole, atol=1e-4)

    def reach(self, translator: Translator) -> tuple[int, int]:
        """Largest numbers of frames before and after a changed input frame at which the output changes."""
        card = translator.card
        around = card.context_frames + 2 * card.time_multiple
        middle = -(-around // card.time_multiple) * card.time_multiple
        source = self.song(2 * middle + card.time_multiple).numpy()
        plain = translator(source).numpy()
        before, after = 0, 0
        for frame in range(middle, middle + card.time_multiple):
            other = source.copy()
            other[:, frame] = self.song(1, seed=frame)[:, 0]
            moved = np.abs(translator(other).numpy() - plain).max(axis=(0, 2, 3))
            changed = np.flatnonzero(moved > 1e-7)
            before, after = max(before, frame - changed[0]), max(after, changed[-1] - frame)
        return before, after

    def test_the_card_s_context_is_enough_and_not_absurd(self, translator):
        card, reach = translator.card, self.reach(translator)
        assert max(reach) <= card.context_frames
        assert min(reach) >= card.context_frames - 2 * card.time_multiple

    def test_no_layer_mixes_statistics_over_time(self, translator):
        """Output frames do not depend on what follows their context: neither on its level nor its length."""
        card = translator.card
        frames = 8 * card.time_multiple + card.context_frames
        frames = -(-frames // card.time_multiple) * card.time_multiple
        song = self.song(3 * frames).numpy()
        louder = song.copy()
        louder[:, frames:] = 0.5 - louder[:, frames:]
        kept = slice(0, frames - card.context_frames)
        plain = translator(song)[:, kept]
        np.testing.assert_allclose(translator(louder)[:, kept], plain, atol=1e-6)
        np.testing.assert_allclose(translator(song[:, :frames])[:, kept], plain, atol=1e-5)

    def test_exported_equals_live(self, translator, tmp_path):
        save_translator(tmp_path / "translator", translator.model, self.spec, translator.card)
        module = TranslationModule(
            translator, WindowTranslator.from_translator(translator), tmp_path / "translator"
        )
        # The other signatures, which go on from its log-mels to sound, would be traced with it.
        alone = tf.Module()
        alone.network, alone.log_mel = translator.model, module.serving_signatures["log_mel"]
        tf.saved_model.save(alone, str(tmp_path / "export"), {"log_mel": alone.log_mel})
        exported = tf.saved_model.load(str(tmp_path / "export")).signatures["log_mel"]
        for frames in (2, 9):
            x = self.song(frames * translator.card.time_multiple)
            np.testing.assert_allclose(exported(log_mel=x)["log_mel"], translator(x), atol=1e-5)

    @pytest.mark.slow
    def test_the_onnx_export_equals_live(self, translator, tmp_path):
        pytest.importorskip("onnxruntime")
        pytest.importorskip("tf2onnx")
        save_translator(tmp_path / "translator", translator.model, self.spec, translator.card)
        export_onnx(translator, tmp_path / "translator", tmp_path / "onnx")
        network = OnnxNetwork(tmp_path / "onnx")
        for frames in (2, 9):
            x = self.song(frames * translator.card.time_multiple).numpy()
            np.testing.assert_allclose(network(x, 7, 0.3), translator(x, 7, 0.3), atol=1e-4)
