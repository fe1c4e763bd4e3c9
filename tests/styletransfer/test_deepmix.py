import numpy as np
import pytest
import tensorflow as tf

from styletransfer.config import FeatureConfig, SearchConfig
from styletransfer.deepmix import REFERENCE_FRAMES, DeepMix
from styletransfer.features import FilterBank, random_filters
from styletransfer.losses import content_loss
from tests.styletransfer import tiny

NOTHING = np.zeros((0, tiny.SPEC.n_bins), np.float32)


def ignore(_):
    pass


def clips():
    return tiny.magnitude(tiny.CONTENT, 0.6), tiny.magnitude(tiny.STYLE, 0.7)


def plain(place, content, style, filters, alpha):
    """The notebook's loss and its gradient, with Gram matrices and sums over frames, in float64."""
    width, frames = len(filters), len(place)
    rows = filters.transpose(1, 0, 2).reshape(filters.shape[1], -1).astype(np.float64)

    def features(spectrogram):
        unfolded = [spectrogram[t : t + width].ravel() for t in range(len(spectrogram) - width + 1)]
        return np.maximum(np.stack(unfolded).astype(np.float64) @ rows.T, 0)

    found, wanted, other = features(place), features(content), features(style)
    weight = alpha * REFERENCE_FRAMES / frames
    error, distance = found - wanted, found.T @ found / frames - other.T @ other / len(style)
    slope = (2 * weight * error + 4 * found @ distance / frames) * (found > 0)
    gradient = np.zeros(place.shape)
    for t, row in enumerate(slope @ rows):
        gradient[t : t + width] += row.reshape(width, -1)
    return weight * np.square(error).sum() + np.square(distance).sum(), gradient


@pytest.mark.parametrize("alpha", [0.0, 0.01, 1.0])
def test_loss_and_gradient_are_the_notebook_s(alpha):
    content, style = clips()
    config = tiny.config(alpha=alpha)
    place = np.log1p(content[::-1]) + 0.1
    loss, gradient = DeepMix(config, [style]).objective(np.log1p(content))(tf.constant(place))
    filters = random_filters(11, tiny.SPEC.n_bins, 64, config.seed)
    expected, slope = plain(place, np.log1p(content), np.log1p(style), filters, alpha)
    assert float(loss) == pytest.approx(expected, rel=1e-5)
    np.testing.assert_allclose(gradient, slope, atol=1e-5 * np.abs(slope).max())


def test_several_scales_are_added():
    content, style = clips()
    config = tiny.config(features=FeatureConfig(filters=60, widths=(3, 11)))
    place = np.log1p(content[::-1])
    loss, _ = DeepMix(config, [style]).objective(np.log1p(content))(tf.constant(place))
    terms = [
        plain(place, np.log1p(content), np.log1p(style), random_filters(w, 129, 30, 0), config.alpha)[0]
        for w in (3, 11)
    ]
    assert float(loss) == pytest.approx(sum(terms), rel=1e-5)


def test_a_style_of_many_blocks_has_the_gram_matrix_of_the_whole():
    content, style = clips()[0], tiny.magnitude(tiny.STYLE, 2.5)
    config = tiny.config(features=FeatureConfig(filters=64, rank=400))
    assert len(style) > 2 * config.window_frames
    place = np.log1p(content)
    loss, _ = DeepMix(config, [style]).objective(place)(tf.constant(place))
    filters = random_filters(11, tiny.SPEC.n_bins, 64, config.seed)
    assert float(loss) == pytest.approx(plain(place, place, np.log1p(style), filters, 0.01)[0], rel=1e-4)


@pytest.mark.parametrize("start", ["noise", "content"])
def test_lbfgs_lowers_the_loss_at_every_iteration(start):
    content, style = clips()
    ticks: list[int] = []
    config = tiny.config(iterations=25, search=SearchConfig(start=start))
    losses = DeepMix(config, [style]).search(content, NOTHING, ticks.append).losses
    assert len(losses) == sum(ticks) == 25
    assert all(np.diff(losses) < 0)
    assert losses[-1] < 0.5 * losses[0]


def test_adam_lowers_the_loss():
    content, style = clips()
    config = tiny.config(iterations=25, search=SearchConfig(optimizer="adam", start="content"), alpha=0.0)
    losses = DeepMix(config, [style]).search(content, NOTHING, ignore).losses
    assert losses[-1] < 0.5 * losses[0]


def test_a_seed_gives_the_same_again_and_another_seed_something_else():
    content, style = clips()
    one, again, other = (
        DeepMix(tiny.config(seed=seed), [style])(content, NOTHING, ignore) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one, again)
    assert np.abs(one - other).max() > 0.01
    assert one.shape == content.shape
    assert one.min() >= 0


def test_alpha_is_the_dial():
    content, style = clips()
    bank = FilterBank(random_filters(11, tiny.SPEC.n_bins, 64, 0))
    distances = []
    for alpha in (0.0, 1.0, 100.0):
        found = DeepMix(tiny.config(alpha=alpha, iterations=15), [style]).search(content, NOTHING, ignore)
        distances.append(float(content_loss(bank(found.place), bank(np.log1p(content)))))
    assert distances == sorted(distances, reverse=True)
    assert distances[2] < 0.2 * distances[0]


def test_a_search_goes_on_from_the_window_before():
    content, style = clips()
    begun = np.full((5, tiny.SPEC.n_bins), 3, np.float32)
    noise = DeepMix(tiny.config(), [style]).start(content, begun)
    np.testing.assert_array_equal(noise[:5], begun)
    assert noise[5:].std() == pytest.approx(1e-3, rel=0.05)
    config = tiny.config(search=SearchConfig(start="content"))
    start = DeepMix(config, [style]).start(content, begun)
    np.testing.assert_array_equal(start[:5], begun)
    np.testing.assert_array_equal(start[5:], content[5:])
