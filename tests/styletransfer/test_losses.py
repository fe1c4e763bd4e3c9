import numpy as np
import pytest
import tensorflow as tf

from styletransfer import losses


def features(positions, filters, seed=0):
    """Rectified noise that is not white."""
    generator = np.random.default_rng(seed)
    mixed = generator.normal(size=(positions, filters)) @ generator.normal(size=(filters, filters))
    return np.maximum(mixed, 0).astype(np.float32)


def test_the_content_loss_is_the_sum_of_squares():
    one, other = features(7, 5), features(7, 5, seed=1)
    expected = np.square(one.astype(np.float64) - other).sum()
    assert float(losses.content_loss(one, other)) == pytest.approx(expected, rel=1e-6)


def test_the_gram_is_numpy_s():
    x = features(30, 9)
    np.testing.assert_allclose(losses.gram(x, 37), np.einsum("tn,tm->nm", x, x) / 37, rtol=1e-5)


def test_the_style_loss_and_its_gradient_are_those_of_the_gram_matrices():
    x, style = features(12, 40), features(15, 40, seed=1)
    x64, style64 = x.astype(np.float64), style.astype(np.float64)
    difference = x64.T @ x64 / 20 - style64.T @ style64 / 25
    with tf.GradientTape() as tape:
        tape.watch(variable := tf.constant(x))
        loss = losses.style_loss(variable, 20, style / np.float32(5))
    assert float(loss) == pytest.approx(np.square(difference).sum(), rel=1e-5)
    expected = 4 / 20 * x64 @ difference
    np.testing.assert_allclose(tape.gradient(loss, variable), expected, atol=1e-5 * np.abs(expected).max())


def test_equal_gram_matrices_have_no_style_loss():
    x = features(12, 40)
    order = np.random.default_rng(0).permutation(12)
    unrelated = float(losses.style_loss(x, 20, features(12, 40, seed=1) / np.sqrt(20, dtype=np.float32)))
    assert float(losses.style_loss(x, 20, x[order] / np.sqrt(20, dtype=np.float32))) < 1e-6 * unrelated


def _root(rank, blocks):
    root = losses.GramRoot(rank)
    for block in blocks:
        root.add(block, len(block) + 2)
    return root.root()


def test_a_root_of_enough_rows_is_exact():
    blocks = [features(size, 25, seed=size) for size in (9, 4, 11)]
    together = np.concatenate(blocks).astype(np.float64)
    expected = together.T @ together / (9 + 4 + 11 + 6)
    for rank in (24, 40):  # every row is kept; there are no more axes than filters, either
        root = _root(rank, blocks)
        np.testing.assert_allclose(root.T @ root, expected, rtol=1e-4, atol=1e-3)
    root = _root(25, [*blocks, features(30, 25, seed=1)])
    assert len(root) == 25


def test_a_short_root_keeps_the_strongest_axes():
    generator = np.random.default_rng(0)
    block = (generator.normal(size=(40, 30)) * 0.5 ** np.arange(40)[:, None]).astype(np.float32)
    exact = block.T.astype(np.float64) @ block / 42
    root = _root(6, [block])
    best = np.sqrt(np.square(np.sort(np.linalg.eigvalsh(exact))[:-6]).sum())
    assert root.shape == (6, 30)
    assert np.linalg.norm(root.T @ root - exact) == pytest.approx(best, rel=1e-3)
