import numpy as np
import pytest

from pipelines.nn.adversarial import LOSSES
from vaegan.losses import cross_entropy

pytest.importorskip("torch", reason="PyTorch, the extra 'speed', is not installed")

import torch

from tools.benchmarks.pytorch import losses

REAL, FAKE = (list(np.random.default_rng(i).normal(size=(2, 3, 4)).astype(np.float32)) for i in range(2))


@pytest.mark.parametrize("kind", ["lsgan", "hinge"])
def test_equal_adversarial_losses(kind):
    real, fake = ([torch.from_numpy(x) for x in each] for each in (REAL, FAKE))
    ours = LOSSES[kind]
    assert float(losses.discriminator_loss(kind, real, fake)) == pytest.approx(
        float(ours.discriminator(REAL, FAKE))
    )
    assert float(losses.generator_loss(kind, fake)) == pytest.approx(float(ours.generator(FAKE)))


@pytest.mark.parametrize("real", [True, False])
def test_equal_cross_entropies(real):
    found = losses.cross_entropy([torch.from_numpy(x) for x in FAKE], real)
    assert float(found) == pytest.approx(float(cross_entropy(FAKE, real)))
