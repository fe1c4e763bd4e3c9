import keras
import numpy as np
import pytest

from tools.timbre_embedding import network
from tools.timbre_embedding.triplets import Recording, hard_triplets, triplet_accuracy


def recordings() -> list[Recording]:
    """Recordings with small shifts of one coefficient by timbre, and large ones of another by piece."""
    random = np.random.default_rng(0)
    tune, timbre = np.eye(12, dtype=np.float32)[[5, 3]]
    return [
        Recording(
            str(piece),
            str(instrument),
            8 * random.standard_normal() * tune
            + instrument * timbre
            + 0.3 * random.standard_normal((6, 62, 12), np.float32),
        )
        for piece in range(8)
        for instrument in range(4)
    ]


@pytest.fixture(scope="module")
def model() -> keras.Model:
    return network.build(recordings(), seed=0)


def test_numpy_and_keras_agree(model):
    windows = recordings()[5].windows
    found = network.to_numpy(model).forward(windows)
    np.testing.assert_allclose(found, model(windows).numpy(), atol=1e-5)


def test_triplet_loss_by_enumeration():
    random = np.random.default_rng(1)
    points = random.standard_normal((10, 3)).astype(np.float32)
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    labels = random.integers(3, size=(10, 2)).astype(np.int32)
    hinges = []
    for a, anchor in enumerate(points):
        for p, positive in enumerate(points):
            for n, negative in enumerate(points):
                same, piece = labels[a, 0] == labels[p, 0], labels[a, 1] != labels[p, 1]
                if same and piece and labels[n, 0] != labels[a, 0]:
                    hinges.append(max(0, anchor @ negative - anchor @ positive + network.MARGIN))
    expected = np.mean([hinge for hinge in hinges if hinge > 0])
    assert float(network.triplet_loss(labels, points)) == pytest.approx(expected, rel=1e-5)


def test_loss_without_violations_is_zero():
    points = np.array([[1, 0], [1, 0], [-1, 0]], np.float32)
    labels = np.array([[0, 0], [0, 1], [1, 0]], np.int32)
    assert float(network.triplet_loss(labels, points)) == 0


@pytest.mark.slow
def test_training_learns_timbre_instead_of_notes(model):
    all_recordings = recordings()
    held_out = hard_triplets(all_recordings[-8:], 200, seed=0)
    before = triplet_accuracy(network.to_numpy(model).forward, held_out)
    network.train(model, all_recordings[:-8], steps=40, seed=0)
    after = triplet_accuracy(network.to_numpy(model).forward, held_out)
    assert before < 0.7
    assert after > 0.9
