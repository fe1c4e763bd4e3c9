import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import LeaveOneGroupOut, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from pipelines.errors import UserError
from pipelines.metrics.two_sample import two_sample_test


def songs(count: int, mean: float, seed: int, windows: int = 20, own: float = 0.0) -> list[np.ndarray]:
    """Windows of songs around a mean; every song has an offset of its own."""
    random = np.random.default_rng(seed)
    offsets = own * random.standard_normal((count, 1, 4))
    return list(random.standard_normal((count, windows, 4)) + offsets + mean)


def test_distant_sides_are_told_apart_and_equal_ones_are_not():
    apart = two_sample_test(songs(6, -2, 0), songs(4, 2, 1))
    assert apart.accuracy > 0.99
    assert (apart.low, apart.high) == pytest.approx((1, 1), abs=0.02)
    same = two_sample_test(songs(12, 0, 2, 200), songs(10, 0, 3, 200))
    assert same.accuracy == pytest.approx(0.5, abs=0.05)
    assert same.low < 0.5 < same.high


def test_songs_with_a_sound_of_their_own_do_not_look_like_styles():
    """Folds by window would give nearly 1 here: each song is recognised, and its side known."""
    found = [
        two_sample_test(songs(5, 0, seed, own=3), songs(3, 0, 100 + seed, own=3)).accuracy
        for seed in range(40)
    ]
    assert np.mean(found) == pytest.approx(0.5, abs=3 * np.std(found) / np.sqrt(len(found)))
    assert np.mean(found) < 0.65


def test_two_songs_a_side_are_scikit_learns_two_folds():
    covers, band = songs(2, -0.3, 0), songs(2, 0.3, 1)
    found = two_sample_test(covers, band, seed=4)
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    rows, labels = np.concatenate([*covers, *band]), np.repeat([0, 0, 1, 1], 20)
    candidates = []
    for groups in ([0, 1, 0, 1], [0, 1, 1, 0]):
        predicted = cross_val_predict(
            model, rows, labels, groups=np.repeat(groups, 20), cv=LeaveOneGroupOut()
        )
        candidates.append((predicted == labels).reshape(4, 20).mean(axis=1))
    expected = min(candidates, key=lambda shares: np.abs(shares[:2] - found.covers).sum())
    np.testing.assert_allclose([*found.covers, *found.band], expected)
    assert found.accuracy == pytest.approx(expected.mean())


def test_songs_count_equally_whatever_their_length():
    """One long cover is far from the band and three short ones are in its midst."""
    covers = [*songs(1, -4, 0, windows=1000), *songs(3, 4, 1, windows=10)]
    found = two_sample_test(covers, songs(8, 4, 2), folds=4)
    by_window = np.average(found.covers, weights=[1000, 10, 10, 10])
    assert found.accuracy == pytest.approx((np.mean(found.covers) + np.mean(found.band)) / 2)
    assert abs(np.mean(found.covers) - by_window) > 0.1


def test_a_seed_repeats_it():
    sides = songs(7, -0.2, 0), songs(6, 0.2, 1)
    one, other = two_sample_test(*sides, seed=3), two_sample_test(*sides, seed=3)
    assert (one.accuracy, one.low, one.high) == (other.accuracy, other.low, other.high)
    assert one.low <= one.accuracy <= one.high
    assert one.accuracy != two_sample_test(*sides, seed=5).accuracy


def test_silent_songs_are_left_out():
    silent = np.zeros((0, 4))
    found = two_sample_test([*songs(2, -2, 0), silent], songs(3, 2, 1))
    assert np.isnan(found.covers[2])
    assert found.accuracy > 0.95


def test_a_side_with_less_than_two_songs_is_an_error():
    with pytest.raises(UserError, match="has 1 covers with sound in them and needs 2"):
        two_sample_test([songs(1, 0, 0)[0], np.zeros((0, 4))], songs(3, 0, 1))
    with pytest.raises(UserError, match="0 songs of the band"):
        two_sample_test(songs(3, 0, 1), [])
