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
from pipelines.data.config import AugmentConfig
from pipelines.data.schema import DOMAINS, DomainManifest, Manifest, Settings
from pipelines.errors import UserError
from pipelines.inference.loading import load_trained
from pipelines.training import experiment, launch
from pipelines.training.budget import Budget
from pipelines.training.cadence import Cadence
from pipelines.training.flags import TrainFlags
from pipelines.training.runs import Workdir
from tests.training import fakes


@dataclasses.dataclass(frozen=True)
class Data:
    frames: int = fakes.FRAMES
    batch_size: int = 2
    augment: AugmentConfig = dataclasses.field(default_factory=AugmentConfig)


@dataclasses.dataclass(frozen=True)
class Config:
    steps: int = 2
    spec: AudioSpec = dataclasses.field(default_factory=AudioSpec)
    data: Data = Data()
    rate: float = 0.01
    preset: str = "tiny_base"

    def __post_init__(self):
        if self.spec.n_mels % 2:
            raise ValueError("n_mels must be even")


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


FAMILY = launch.Family(
    "tiny",
    {"tiny_base": Config, "tiny_large": lambda: Config(steps=3)},
    lambda config, corpus: fakes.TinyModel(config.rate),
)


@pytest.fixture
def command(tmp_path, monkeypatch):
    """The flags of a run, on fake data."""
    FakeCorpus.asked.clear()
    monkeypatch.setattr(launch, "open_corpus", lambda data: FakeCorpus())
    monkeypatch.setattr(launch, "unpaired_batches", lambda corpus, **wanted: corpus.batches(**wanted))
    balance = {2: 0.4, 3: 0.3}
    monkeypatch.setattr(launch, "_judge", lambda corpus, model: fakes.FakeJudge(model, balance))
    monkeypatch.setattr(launch, "validation_clips", lambda corpus, frames, count: fakes.clips(count))
    return TrainFlags(Path("data"), tmp_path / "run", cadence=Cadence(log_every=1))


def test_a_new_run_then_its_resumption_without_repeating_its_settings(command, capfd):
    launch.run(FAMILY, dataclasses.replace(command, changes=("rate=0.02",), seed=9))
    assert "2 steps done; translate with" in capfd.readouterr().err
    record = Workdir(command.workdir).record()
    assert (record.preset, record.seed, record.config["rate"]) == ("tiny_base", 9, 0.02)
    assert record.config["spec"] == fakes.SPEC.to_dict()
    launch.run(FAMILY, dataclasses.replace(command, resume=True, budget=Budget(steps=3)))
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
            launch.run(FAMILY, dataclasses.replace(command, **{"resume": True, **change}))
    with pytest.raises(UserError, match="family tiny against other"):
        launch.run(dataclasses.replace(FAMILY, name="other"), dataclasses.replace(command, resume=True))


def test_data_that_a_preset_cannot_take_is_told(command, monkeypatch):
    odd = FakeCorpus(dataclasses.replace(fakes.SPEC, n_mels=31))
    monkeypatch.setattr(launch, "open_corpus", lambda data: odd)
    with pytest.raises(UserError, match="data does not fit --preset tiny_base: n_mels must be even"):
        launch.run(FAMILY, command)


def test_the_best_is_kept_told_and_remembered(command, capfd):
    launch.run(FAMILY, dataclasses.replace(command, keep_best="score/balance"))
    best = Workdir(command.workdir).best
    told = capfd.readouterr().err
    assert f"step 2: the best score/balance so far, 0.4000; kept in {best}" in told
    assert f"the best score/balance was 0.4000 at step 2; translate with --model {best}" in told
    assert load_trained(best).card.steps == 2
    launch.run(FAMILY, dataclasses.replace(command, resume=True, budget=Budget(steps=3)))
    assert "the best score/balance was 0.4000 at step 2" in capfd.readouterr().err
    assert load_trained(best).card.steps == 2
    assert load_trained(command.workdir).card.steps == 3


def test_a_full_disk_is_one_sentence(command, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(experiment, "save_model", full)
    with pytest.raises(UserError, match=r"is full; the checkpoint of step 2 is intact: free some space"):
        launch.run(FAMILY, command)


def test_out_of_memory_is_one_sentence_wherever_it_comes(command):
    def exhausted(*_):
        raise tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor")

    with pytest.raises(UserError, match=r"^out of memory; nothing was saved yet: .*data\.batch_size=N$"):
        launch.run(dataclasses.replace(FAMILY, build=exhausted), command)


def test_what_a_model_is_like_is_shown_once_it_has_come_to_its_end(command, monkeypatch):
    shown = []
    monkeypatch.setattr(launch.closing, "show", lambda logs, corpus, model, clips: shown.append(logs))
    launch.run(FAMILY, command)
    assert shown == [command.workdir / "logs"]
    monkeypatch.setattr(launch, "unpaired_batches", _interrupted)
    stopped = dataclasses.replace(command, workdir=command.workdir.with_name("stopped"))
    with pytest.raises(SystemExit):
        launch.run(FAMILY, stopped)
    assert len(shown) == 1


def test_clips_are_altered_if_that_is_asked_for(command):
    launch.run(FAMILY, command)
    assert FakeCorpus.asked[-1]["augment"] is None
    louder = dataclasses.replace(
        command, workdir=command.workdir.with_name("louder"), changes=("data.augment.gain=0.1",)
    )
    launch.run(FAMILY, louder)
    assert FakeCorpus.asked[-1]["augment"] is not None
    assert Workdir(louder.workdir).record().config["data"]["augment"]["gain"] == 0.1
    for change, message in (("gain=-1", "must be 0 or more"), ("mel_width=0", "must be 1 or more")):
        with pytest.raises(UserError, match=message):
            launch.run(FAMILY, dataclasses.replace(louder, changes=(f"data.augment.{change}",)))


def test_a_family_s_companion_goes_with_every_batch(command):
    asked = []
    family = dataclasses.replace(
        FAMILY, frame_features=lambda corpus, folder: asked.append(folder) or "heard"
    )
    launch.run(family, command)
    assert asked == [command.workdir]
    assert [each["frame_features"] for each in FakeCorpus.asked] == ["heard"]


def _interrupted(corpus, **wanted):
    for batch in itertools.islice(corpus.batches(**wanted), 1):
        os.kill(os.getpid(), signal.SIGTERM)
        yield batch


def test_an_interrupted_run_exits_as_one(command, monkeypatch, capfd):
    monkeypatch.setattr(launch, "unpaired_batches", _interrupted)
    with pytest.raises(SystemExit) as stop:
        launch.run(FAMILY, command)
    assert stop.value.code == 128 + signal.SIGTERM
    assert "stopped by SIGTERM and saved at step 1; add --resume" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"preset": "tiny_bse"}, "no such preset of tiny; name tiny_base"),
        ({"changes": ("rat=1",)}, "did you mean rate"),
        ({"changes": ("spec.hop_length=99",)}, "--set and data were made with different audio specs"),
        ({"resume": True}, "holds no run to resume"),
    ],
)
def test_mistakes_leave_no_run_behind(command, change, message):
    with pytest.raises(UserError, match=message):
        launch.run(FAMILY, dataclasses.replace(command, **change))
    assert not Workdir(command.workdir).config.exists()


def test_the_clips_fit_the_translator_and_the_data():
    corpus = FakeCorpus(AudioSpec(), segment_frames=512)
    assert launch._frames(corpus, fakes.TinyModel()) == round(4 * 44100 / 512)
    assert launch._frames(FakeCorpus(), fakes.TinyModel()) == fakes.FRAMES
