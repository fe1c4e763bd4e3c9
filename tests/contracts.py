"""Contract of every family's model, as a class of tests; a subclass defines how its model is built."""

from __future__ import annotations

import contextlib
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

from pipelines.audio.spec import AudioSpec
from pipelines.inference.export import TranslationModule
from pipelines.inference.window_translator import WindowTranslator
from pipelines.inference.windows import Windows, translate_whole, translate_windows
from pipelines.nn.translator import Translator, load_translator, save_translator
from pipelines.training import experiment, overrides
from pipelines.training.budget import Budget
from pipelines.training.cadence import Cadence
from pipelines.training.loop import Outcome
from pipelines.training.runs import RunRecord, Workdir
from pipelines.training.summaries import Summaries

BATCH = 2
EVERY = Cadence(log_every=1, summary_every=3, checkpoint_every=3)
SEED = 5
STEPS = 4


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


def state(model: Any) -> dict[str, np.ndarray]:
    """Every number that training changes, found without the checkpoint's own lists."""
    variables = [*model.variables, *(v for optimizer in optimizers(model) for v in optimizer.variables)]
    variables += [v for module in replay_pools(model) for v in module.variables]
    values = {f"{i} {v.name}": np.array(v) for i, v in enumerate(variables)}
    return values | {"step": model.step.numpy(), "progress": model.progress.numpy()}


@contextlib.contextmanager
def without_graphs() -> Iterator[None]:
    """A few steps take less time than tracing them; that graphs compute the same, tests/training shows."""
    tf.config.run_functions_eagerly(True)
    try:
        yield
    finally:
        tf.config.run_functions_eagerly(False)


def optimizers(model: Any) -> list[keras.optimizers.Optimizer]:
    """All optimizers of a model."""
    return [value for value in vars(model).values() if isinstance(value, keras.optimizers.Optimizer)]


def replay_pools(model: Any) -> list[tf.Module]:
    """All modules that keep clips."""
    return list(getattr(model, "pools", {}).values())


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
        """A new model from the family's real preset, shrunk; equal weights whenever the seed is equal."""
        raise AssertionError(f"{cls.__name__} does not say how its model is built")

    @classmethod
    def fresh(cls) -> Any:
        """A new model, as a new process would make it."""
        keras.backend.clear_session()
        keras.utils.set_random_seed(SEED)
        return cls.build()

    @classmethod
    def train(cls, workdir: Workdir, steps: int, stop: int | None = None) -> tuple[Any, Outcome]:
        """Trains a new model in the real loop."""
        model = cls.fresh()
        samples = cls.spec.samples(cls.frames)
        noise = 0.1 * np.random.default_rng(0).standard_normal((2, 2, samples)).astype(np.float32)
        with without_graphs():
            outcome = experiment.train(
                model,
                lambda first: batches(cls.spec, cls.frames, first, stop),
                workdir=workdir,
                spec=cls.spec,
                budget=Budget(steps=steps),
                clips={"content": noise[0], "band": noise[1]},
                cadence=EVERY,
            )
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
        return Trained(before, model, [log for log in logs if any(name in model.curves for name in log)])

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
        np.testing.assert_array_equal(loaded.model(x), model.translator(x))
        assert np.abs(loaded.model(x) - x).max() > 0.1
        return loaded

    @staticmethod
    def trained_variables(model: Any) -> list[keras.Variable]:
        """Trainable variables on which the optimizers were built."""
        return [v for optimizer in optimizers(model) for v in optimizer._trainable_variables]

    def test_training_changes_every_trainable_variable(self, whole):
        after = {v.path: v.numpy() for v in self.trained_variables(whole.model)}
        assert len(whole.before) == len(after) > 10
        assert not [path for path in after if np.array_equal(whole.before[path], after[path])]
        assert int(whole.model.step.numpy()) == STEPS

    def test_a_step_returns_finite_scalars_that_the_curves_explain(self, whole):
        names = {name for name in whole.logs[0] if not name.startswith("run/")}
        assert names <= set(whole.model.curves)
        assert any(name.startswith("rate/") for name in names)
        assert all(np.isfinite(value) for log in whole.logs for value in log.values())
        assert all(sentence.strip().endswith(".") for sentence in whole.model.curves.values())

    def test_the_remedies_name_settings_and_losses_that_there_are(self, whole):
        remedies, settings = whole.model.remedies, overrides.flat(overrides.to_dict(whole.model.config))
        told = " ".join(value for value in vars(remedies).values() if isinstance(value, str))
        named = set(re.findall(r"[a-z_]+\.[a-z_]+", told))
        assert named
        assert named <= set(settings)
        assert set(remedies.discriminators) <= set(whole.logs[0])
        assert bool(remedies.discriminator) == bool(remedies.discriminators)

    def test_it_learns(self, whole):
        for name in self.falling:
            assert min(log[name] for log in whole.logs[1:]) < whole.logs[0][name], name

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

    @pytest.mark.parametrize("frames", [1, 30, 101])
    def test_windowed_equals_whole(self, translator, frames):
        card, source = translator.card, self.song(frames)
        windows = Windows.from_context(16, context=card.context_frames, multiple=card.time_multiple)
        whole = translate_whole(translator.model, source, windows.multiple)
        joined = translate_windows(translator.model, source, windows)
        np.testing.assert_allclose(joined, whole, atol=1e-4)

    def reach(self, translator: Translator) -> tuple[int, int]:
        """Largest numbers of frames before and after a changed input frame at which the output changes."""
        card = translator.card
        around = card.context_frames + 2 * card.time_multiple
        middle = -(-around // card.time_multiple) * card.time_multiple
        source = self.song(2 * middle + card.time_multiple).numpy()
        plain = translator.model(source).numpy()
        before, after = 0, 0
        for frame in range(middle, middle + card.time_multiple):
            other = source.copy()
            other[:, frame] = self.song(1, seed=frame)[:, 0]
            moved = np.abs(translator.model(other).numpy() - plain).max(axis=(0, 2, 3))
            changed = np.flatnonzero(moved > 1e-6)
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
        plain = translator.model(song)[:, kept]
        np.testing.assert_allclose(translator.model(louder)[:, kept], plain, atol=1e-6)
        np.testing.assert_allclose(translator.model(song[:, :frames])[:, kept], plain, atol=1e-5)

    def test_exported_equals_live(self, translator, tmp_path):
        save_translator(tmp_path / "translator", translator.model, self.spec, translator.card)
        module = TranslationModule(
            translator, WindowTranslator.from_translator(translator), tmp_path / "translator"
        )
        # The other signatures, which go on from its log-mels to sound, would be traced with it.
        alone = tf.Module()
        alone.network, alone.log_mel = translator.model, module.log_mel
        tf.saved_model.save(alone, str(tmp_path / "export"), {"log_mel": alone.log_mel})
        exported = tf.saved_model.load(str(tmp_path / "export")).signatures["log_mel"]
        for frames in (2, 9):
            x = self.song(frames * translator.card.time_multiple)
            np.testing.assert_allclose(exported(log_mel=x)["log_mel"], translator.model(x), atol=1e-5)
