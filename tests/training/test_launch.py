"""From flags to a run: new, resumed, refused."""

from __future__ import annotations

import dataclasses
import errno
import itertools
import os
import signal
from pathlib import Path
from typing import ClassVar

import pytest
import tensorflow as tf

from pipelines.audio.spec import AudioSpec
from pipelines.data.schema import DOMAINS, DomainManifest, Manifest, Settings
from pipelines.errors import UserError
from pipelines.inference.loading import load_trained
from pipelines.training import launch
from pipelines.training.config import Budget, Cadence
from pipelines.training.flags import TrainFlags
from pipelines.training.workdir import Workdir
from tests.training import fakes
from tests.training.fakes import TinyModel

MANIFEST = Manifest(Settings(fakes.SPEC), {domain: DomainManifest(()) for domain in DOMAINS})


@dataclasses.dataclass
class FakeCorpus:
    """Stands for prepared data: noise that is a function of the step."""

    spec: AudioSpec = fakes.SPEC
    segment_frames: int = fakes.FRAMES
    manifest: Manifest = MANIFEST
    asked: ClassVar[list[dict]] = []

    def batches(self, **wanted):
        self.asked.append(wanted)
        return fakes.batches(wanted["first_step"])


class Balances(fakes.FakeEvaluator):
    """Balances in the order of the evaluations."""

    def __init__(self, balance):
        self.values = iter(balance.values())

    def __call__(self):
        return {"score/balance": next(self.values)}


@pytest.fixture
def command(tmp_path, monkeypatch):
    """The flags of a run, on fake data."""
    FakeCorpus.asked.clear()
    monkeypatch.setattr(launch, "open_corpus", lambda data: FakeCorpus())
    monkeypatch.setattr(launch, "unpaired_batches", lambda corpus, **wanted: corpus.batches(**wanted))
    balance = {2: 0.4, 3: 0.3}
    monkeypatch.setattr(launch.ValidationSongs, "of", lambda corpus, multiple: None)
    monkeypatch.setattr(launch, "Evaluator", lambda songs, translator: Balances(balance))
    monkeypatch.setattr(launch, "validation_clips", lambda corpus, frames, count: fakes.clips(count))
    return TrainFlags(Path("data"), tmp_path / "run", cadence=Cadence(log_every=1))


def test_a_new_run_then_its_resumption_without_repeating_its_settings(command, capfd, monkeypatch):
    launch.train(TinyModel, dataclasses.replace(command, changes=("optimizer.learning_rate=0.02",), seed=9))
    assert "2 steps done; translate with" in capfd.readouterr().err
    record = Workdir(command.workdir).record()
    assert (record.preset, record.seed, record.config["optimizer"]["learning_rate"]) == ("tiny_base", 9, 0.02)
    assert record.config["spec"] == fakes.SPEC.to_dict()
    launch.train(TinyModel, dataclasses.replace(command, resume=True, budget=Budget(steps=3)))
    assert [asked["first_step"] for asked in FakeCorpus.asked] == [0, 2]
    assert {(asked["seed"], asked["batch_size"], asked["frames"]) for asked in FakeCorpus.asked} == {
        (9, 2, 32)
    }
    for change, message in (
        ({"resume": False}, "already holds a run"),
        ({"changes": ("data.batch_size=4",)}, "data.batch_size 2 against 4"),
        ({"seed": 1}, "seed 9 against 1"),
        ({"preset": "tiny_large"}, "preset tiny_base against tiny_large"),
    ):
        with pytest.raises(UserError, match=message):
            launch.train(TinyModel, dataclasses.replace(command, **{"resume": True, **change}))
    monkeypatch.setattr(TinyModel, "family", "other")
    with pytest.raises(UserError, match="family tiny against other"):
        launch.train(TinyModel, dataclasses.replace(command, resume=True))


def test_a_finished_run_is_handed_over_an_interrupted_one_is_not(command, monkeypatch):
    finished = []
    launch.train(TinyModel, command, finish=finished.append)
    assert finished == [command.workdir]
    assert load_trained(command.workdir).card.steps == 2
    monkeypatch.setattr(launch, "unpaired_batches", _interrupted)
    stopped = dataclasses.replace(command, workdir=command.workdir.with_name("stopped"))
    with pytest.raises(SystemExit):
        launch.train(TinyModel, stopped, finish=finished.append)
    assert finished == [command.workdir]


def test_data_that_a_preset_cannot_take_is_told(command, monkeypatch):
    odd = FakeCorpus(dataclasses.replace(fakes.SPEC, n_mels=31))
    monkeypatch.setattr(launch, "open_corpus", lambda data: odd)
    with pytest.raises(UserError, match="data does not fit --preset tiny_base: n_mels must be even"):
        launch.train(TinyModel, command)


@pytest.mark.slow
def test_the_best_is_kept_told_and_remembered(command, capfd):
    launch.train(TinyModel, dataclasses.replace(command, keep_best="score/balance"))
    best = Workdir(command.workdir).best
    told = capfd.readouterr().err
    assert f"step 2: the best score/balance so far, 0.4000; kept in {best}" in told
    assert f"the best score/balance was 0.4000 at step 2; translate with --model {best}" in told
    assert load_trained(best).card.steps == 2
    launch.train(TinyModel, dataclasses.replace(command, resume=True, budget=Budget(steps=3)))
    assert "the best score/balance was 0.4000 at step 2" in capfd.readouterr().err
    assert load_trained(best).card.steps == 2
    assert load_trained(command.workdir).card.steps == 3


def test_a_full_disk_is_one_sentence(command, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(TinyModel, "save_translator", full)
    with pytest.raises(UserError, match=r"is full; the checkpoint of step 2 is intact: free some space"):
        launch.train(TinyModel, command)


def test_out_of_memory_is_one_sentence_wherever_it_comes(command):
    def exhausted(*_):
        raise tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor")

    with pytest.raises(
        UserError, match=r"^out of memory; nothing was saved yet: .*data\.batch_size=1 --grad"
    ):
        launch.train(TinyModel, command, build=exhausted)


@pytest.mark.slow
def test_reports_are_written_at_the_end_of_a_run(command, monkeypatch):
    shown = []
    monkeypatch.setattr(launch.Reports, "on_train_end", lambda self: shown.append(self._logs))
    launch.train(TinyModel, command)
    assert shown == [command.workdir / "logs"]
    monkeypatch.setattr(launch, "unpaired_batches", _interrupted)
    stopped = dataclasses.replace(command, workdir=command.workdir.with_name("stopped"))
    with pytest.raises(SystemExit):
        launch.train(TinyModel, stopped)
    assert len(shown) == 1


@pytest.mark.slow
def test_clips_are_altered_if_that_is_asked_for(command):
    launch.train(TinyModel, command)
    assert FakeCorpus.asked[-1]["augment"] is None
    louder = dataclasses.replace(
        command, workdir=command.workdir.with_name("louder"), changes=("data.augment.gain=0.1",)
    )
    launch.train(TinyModel, louder)
    assert FakeCorpus.asked[-1]["augment"] is not None
    assert Workdir(louder.workdir).record().config["data"]["augment"]["gain"] == 0.1
    for change, message in (("gain=-1", "must be 0 or more"), ("mel_width=0", "must be 1 or more")):
        with pytest.raises(UserError, match=message):
            launch.train(TinyModel, dataclasses.replace(louder, changes=(f"data.augment.{change}",)))


def test_a_family_s_features_go_with_every_batch(command):
    asked = []
    launch.train(TinyModel, command, lambda corpus, folder: asked.append(folder) or "posteriors")
    assert asked == [command.workdir]
    assert [each["frame_features"] for each in FakeCorpus.asked] == ["posteriors"]


def _interrupted(corpus, **wanted):
    for batch in itertools.islice(corpus.batches(**wanted), 1):
        os.kill(os.getpid(), signal.SIGTERM)
        yield batch


def test_an_interrupted_run_exits_as_one(command, monkeypatch, capfd):
    monkeypatch.setattr(launch, "unpaired_batches", _interrupted)
    with pytest.raises(SystemExit) as stop:
        launch.train(TinyModel, command)
    assert stop.value.code == 128 + signal.SIGTERM
    assert "stopped by SIGTERM and saved at step 1; add --resume" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"preset": "tiny_bse"}, "no such preset of tiny; name tiny_base"),
        ({"changes": ("optimizer.learning=1",)}, "did you mean optimizer.learning_rate"),
        ({"changes": ("spec.hop_length=99",)}, "--set and data were made with different audio specs"),
        ({"resume": True}, "holds no run to resume"),
    ],
)
def test_mistakes_leave_no_run_behind(command, change, message):
    with pytest.raises(UserError, match=message):
        launch.train(TinyModel, dataclasses.replace(command, **change))
    assert not Workdir(command.workdir).config.exists()


def test_the_clips_fit_the_translator_and_the_data():
    corpus = FakeCorpus(AudioSpec(), segment_frames=512)
    assert launch._frames(corpus, fakes.TinyModel()) == round(4 * 44100 / 512)
    assert launch._frames(FakeCorpus(), fakes.TinyModel()) == fakes.FRAMES
