import numpy as np
import pytest
import tensorflow as tf

from pipelines.nn.replay_pool import ReplayPool

SHAPE = (2, 3, 1)


def clips(first, count=4):
    """Clips that carry their own number, from `first` on."""
    numbers = np.arange(first, first + count, dtype=np.float32)
    return tf.constant(np.broadcast_to(numbers[:, None, None, None], (count, *SHAPE)))


def numbers(handed):
    values = handed.numpy().reshape(handed.shape[0], -1)
    assert np.ptp(values, axis=1).max() == 0
    return values[:, 0]


def seed(step):
    return tf.constant([7, 1000 * step])


def play(pool, steps, first=0, exchange=None):
    """All that a pool hands out, step by step; clips are numbered from 1 on."""
    exchange = exchange or pool
    return np.array(
        [numbers(exchange(clips(1 + 4 * step), seed(step))) for step in range(first, first + steps)]
    )


def test_hands_out_what_comes_while_it_fills():
    pool = ReplayPool(8, SHAPE)
    np.testing.assert_array_equal(play(pool, 2).ravel(), np.arange(1, 9))
    np.testing.assert_array_equal(numbers(pool.clips), np.arange(1, 9))
    assert int(pool.filled) == 8


# 10 is no multiple of the batch: the step that fills the pool must use no place twice.
@pytest.mark.parametrize("size", [1, 3, 8, 10, 50])
def test_never_hands_out_an_empty_place_or_a_clip_twice_at_once(size):
    handed = play(ReplayPool(size, SHAPE), 60)
    assert (handed >= 1).all()
    assert (handed <= 4 * np.arange(1, 61)[:, None]).all()
    assert all(len(set(step)) == 4 for step in handed)


def test_each_clip_is_either_kept_or_handed_out():
    pool = ReplayPool(10, SHAPE)
    handed = play(pool, 60)
    known = set(np.ravel(handed)) | set(numbers(pool.clips))
    assert known == set(range(1, 241))


def test_half_of_what_it_hands_out_is_old():
    pool = ReplayPool(8, SHAPE)
    handed = play(pool, 300, exchange=tf.function(pool.call))[2:]
    newest = 1 + 4 * np.arange(2, 300)[:, None] + np.arange(4)
    is_old = handed != newest
    # A binomial of 1192 draws: four standard deviations are 0.058.
    assert is_old.mean() == pytest.approx(0.5, abs=0.06)
    np.testing.assert_allclose(is_old.mean(axis=0), 0.5, atol=0.12)
    assert (handed[is_old] < newest[is_old]).all()


def test_every_place_is_used():
    pool = ReplayPool(8, SHAPE)
    play(pool, 60)
    assert (numbers(pool.clips) > 8).all()


def test_of_no_size_passes_everything_through():
    pool = ReplayPool(0, SHAPE)
    np.testing.assert_array_equal(play(pool, 5).ravel(), np.arange(1, 21))


def test_equal_seeds_give_equal_pools_and_others_do_not():
    one, same, other = (ReplayPool(6, SHAPE) for _ in range(3))
    first = play(one, 12)
    np.testing.assert_array_equal(first, play(same, 12))
    handed = [numbers(other(clips(1 + 4 * step), seed(step + 99))) for step in range(12)]
    assert not np.array_equal(first, handed)


def test_its_weights_restore_it():
    pool, fresh = ReplayPool(6, SHAPE), ReplayPool(6, SHAPE)
    play(pool, 9)
    pool.save_own_variables(store := {})
    fresh.load_own_variables({name: np.array(value) for name, value in store.items()})
    np.testing.assert_array_equal(play(pool, 6, first=9), play(fresh, 6, first=9))


def test_inside_a_graph_it_does_the_same():
    eager, graph = ReplayPool(6, SHAPE), ReplayPool(6, SHAPE)
    np.testing.assert_array_equal(play(eager, 12), play(graph, 12, exchange=tf.function(graph.call)))
