import dataclasses
from types import SimpleNamespace

import pytest

from pipelines.nn.discriminators import build_discriminator
from pipelines.nn.generator import build_generator
from tests.contracts import batch_of
from tests.cyclegan import tiny

pytest.importorskip("torch", reason="PyTorch, the extra 'speed', is not installed")

import torch

from tests.tools.benchmarks.pytorch import fixed
from tools.benchmarks.pytorch import cyclegan
from tools.benchmarks.pytorch.blocks import Judge
from tools.benchmarks.pytorch.generator import Generator
from tools.benchmarks.pytorch.weights import load

BATCH = batch_of(tiny.SPEC, tiny.FRAMES, 0)
MELS = tiny.SPEC.n_mels


@pytest.mark.parametrize("sizes", [{"blocks": 2}, {"norm": "rms", "mel_stride": 2}])
def test_generators_are_the_same(sizes):
    config = tiny.config(generator=sizes).generator
    ours = build_generator(config, tiny.SPEC, "generator")
    fixed.shaken(ours)
    theirs = load(Generator(config, MELS), ours)
    fixed.compare(ours(BATCH["band"]), theirs(fixed.image(BATCH["band"])))
    assert fixed.weights(ours) == fixed.parameters(theirs)


def test_discriminators_are_the_same():
    config = tiny.config(discriminator={"scales": 2, "depth": 2}).discriminator
    ours = build_discriminator(4, 2, 2, frames=tiny.FRAMES, mels=MELS, name="discriminator")
    fixed.shaken(ours)
    theirs = load(Judge(config, MELS), ours)
    fixed.compare(ours(BATCH["band"]), theirs(fixed.image(BATCH["band"])))
    assert fixed.weights(ours) == fixed.parameters(theirs)


def test_steps_are_the_same(monkeypatch):
    ours = tiny.model()
    fixed.shaken(*ours.generators.values(), *ours.discriminators.values())
    fixed.same_steps(monkeypatch, ours, cyclegan.step, BATCH, dataclasses.asdict(ours.config.loss))


def test_a_replay_pool_gives_back_old_clips_once_it_is_full():
    pool, fresh = cyclegan.Pool(4), torch.arange(8.0)[:, None, None, None]
    assert all(torch.equal(pool.exchange(fresh[i : i + 2]), fresh[i : i + 2]) for i in (0, 2))
    handed = torch.cat([pool.exchange(fresh[4:6]) for _ in range(20)]).unique()
    assert {4.0, 5.0} < set(handed.tolist()) <= {0.0, 1.0, 2.0, 3.0, 4.0, 5.0}


def test_losses_that_no_preset_has_have_no_peer():
    odd = SimpleNamespace(config=tiny.config(loss={"content": 1.0}))
    assert cyclegan.step(odd, fixed.arrays(BATCH)) is None
