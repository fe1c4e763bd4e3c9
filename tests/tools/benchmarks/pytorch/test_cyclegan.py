import dataclasses
from types import SimpleNamespace

import pytest

from pipelines.nn.discriminators import build_discriminator
from pipelines.nn.generator import build_generator
from tests.contracts import batch_of
from tests.cyclegan import tiny

pytest.importorskip("torch", reason="PyTorch, the extra 'speed', is not installed")

import torch

from tests.tools.benchmarks.pytorch import equivalence
from tools.benchmarks.pytorch import cyclegan
from tools.benchmarks.pytorch.blocks import MultiScaleDiscriminator
from tools.benchmarks.pytorch.generator import Generator
from tools.benchmarks.pytorch.weights import load

BATCH = batch_of(tiny.SPEC, tiny.FRAMES, 0)
MELS = tiny.SPEC.n_mels


@pytest.mark.parametrize("sizes", [{"blocks": 2}, {"norm": "rms", "mel_stride": 2}])
def test_equal_generators(sizes):
    config = tiny.config(generator=sizes).generator
    ours = build_generator(config, tiny.SPEC, "generator")
    equivalence.randomize_weights(ours)
    theirs = load(Generator(config, MELS), ours)
    equivalence.assert_close(ours(BATCH["band"]), theirs(equivalence.image(BATCH["band"])))
    assert equivalence.weights(ours) == equivalence.parameters(theirs)


def test_equal_discriminators():
    config = tiny.config(discriminator={"scales": 2, "depth": 2}).discriminator
    ours = build_discriminator(4, 2, 2, frames=tiny.FRAMES, mels=MELS, name="discriminator")
    equivalence.randomize_weights(ours)
    theirs = load(MultiScaleDiscriminator(config, MELS), ours)
    equivalence.assert_close(ours(BATCH["band"]), theirs(equivalence.image(BATCH["band"])))
    assert equivalence.weights(ours) == equivalence.parameters(theirs)


@pytest.mark.parametrize("loss", [{}, {"contrast": 3.0, "rises": 1.0, "penalty": 2.0, "penalty_every": 2}])
def test_equal_steps(monkeypatch, loss):
    ours = tiny.model(loss=loss, generator={"bound": 4.0 if loss else 0.0})
    equivalence.randomize_weights(*ours.generators.values(), *ours.discriminators.values())
    of_generators = dataclasses.asdict(ours.config.loss) | {"penalty": 0.0}
    equivalence.assert_equal_steps(monkeypatch, ours, cyclegan.step, BATCH, of_generators)


def test_replay_pool_returns_past_clips_once_it_is_full():
    pool, fresh = cyclegan.ReplayPool(4), torch.arange(8.0)[:, None, None, None]
    assert all(torch.equal(pool.exchange(fresh[i : i + 2]), fresh[i : i + 2]) for i in (0, 2))
    exchanged = torch.cat([pool.exchange(fresh[4:6]) for _ in range(20)]).unique()
    assert {4.0, 5.0} < set(exchanged.tolist()) <= {0.0, 1.0, 2.0, 3.0, 4.0, 5.0}


def test_losses_off_in_every_preset_have_no_reference():
    odd = SimpleNamespace(config=tiny.config(loss={"content": 1.0}))
    assert cyclegan.step(odd, equivalence.arrays(BATCH)) is None
