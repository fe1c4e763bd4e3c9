import numpy as np
import pytest
import tensorflow as tf

from pipelines.nn import diff_augment

SEED = tf.constant([3, 5])
MELS = 32

OPS = {
    "lend_envelope": lambda x, seed: diff_augment.lend_envelope(x, 0.5 * x[::-1], seed, 9),
    "choose": lambda x, seed: diff_augment.choose(x, 0.5 * x, seed, 0.5),
    "low_pass": lambda x, seed: diff_augment.low_pass(x, seed, 0.5),
    "gain": lambda x, seed: diff_augment.gain(x, seed, 0.1),
    "equalize": lambda x, seed: diff_augment.equalize(x, seed, 0.1, 8),
    "noise": lambda x, seed: diff_augment.noise(x, seed, 0.1),
    "cut_out": lambda x, seed: diff_augment.cut_out(x, seed, 0.25),
    "time_shift": lambda x, seed: diff_augment.time_shift(x, seed, 0.25),
}


def log_mels(batch=8, frames=20, mels=MELS):
    x = np.random.default_rng(1).uniform(-0.9, 0.5, (batch, frames, mels, 1))
    return tf.constant(x, tf.float32)


@pytest.mark.parametrize("name", OPS)
class TestEveryOp:
    def test_equal_seeds_give_equal_results(self, name):
        x = log_mels()
        first, same, other = (OPS[name](x, seed).numpy() for seed in (SEED, SEED, SEED + 1))
        assert first.shape == x.shape
        np.testing.assert_array_equal(first, same)
        assert not np.array_equal(first, other)

    def test_treats_each_clip_by_itself(self, name):
        x = tf.repeat(log_mels(1), 64, axis=0)
        assert len(np.unique(OPS[name](x, SEED).numpy().reshape(64, -1), axis=0)) > (
            1 if name == "choose" else 5
        )

    def test_inside_a_function_of_any_length(self, name):
        signature = [tf.TensorSpec([None, None, MELS, 1]), tf.TensorSpec([2], tf.int32)]
        op = tf.function(OPS[name], input_signature=signature)
        for frames in (12, 20):
            x = log_mels(3, frames)
            np.testing.assert_allclose(op(x, SEED), OPS[name](x, SEED), atol=1e-6)

    def test_inside_a_dataset(self, name):
        x = log_mels()
        dataset = tf.data.Dataset.from_tensors(x).map(lambda clip: OPS[name](clip, SEED))
        np.testing.assert_allclose(next(iter(dataset)), OPS[name](x, SEED), atol=1e-6)

    def test_gradients_pass_and_are_numbers(self, name):
        x = log_mels()
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = OPS[name](x, SEED)
        gradient = tape.gradient(y, x).numpy()
        assert np.isfinite(gradient).all()
        assert np.abs(gradient).mean() > 0.2


def test_gain_is_one_uniform_number_per_clip():
    x = tf.zeros((4000, 1, 4, 1))
    offsets = diff_augment.gain(x, SEED, 0.1).numpy().reshape(4000, 4)
    assert np.ptp(offsets, axis=1).max() == 0
    assert np.abs(offsets).max() <= 0.1
    assert offsets[:, 0].std() == pytest.approx(0.2 / np.sqrt(12), rel=0.05)
    assert offsets.mean() == pytest.approx(0, abs=0.005)


def test_the_equalizer_joins_normal_knots_by_straight_lines():
    curves = diff_augment.equalize(tf.zeros((3000, 2, MELS, 1)), SEED, 0.1, MELS).numpy()[..., 0]
    np.testing.assert_array_equal(curves[:, 0], curves[:, 1])
    assert curves.std() == pytest.approx(0.1, rel=0.03)  # as many knots as bands: nothing between them
    smooth = diff_augment.equalize(tf.zeros((3000, 1, MELS, 1)), SEED, 0.1, 4).numpy()[:, 0, :, 0]
    # Eight bands per knot, their centres half a knot from the edges: linear in between.
    knots = 0.1 * tf.random.stateless_normal([3000, 1, 4, 1], SEED).numpy()[:, 0, :, 0]
    at = (np.arange(MELS) + 0.5) / 8 - 0.5
    expected = np.stack([np.interp(at, np.arange(4), knot) for knot in knots])
    np.testing.assert_allclose(smooth, expected, atol=1e-6)


def test_noise_is_white_and_as_strong_as_told():
    noise = diff_augment.noise(tf.zeros((16, 40, MELS, 1)), SEED, 0.2).numpy()
    assert noise.std() == pytest.approx(0.2, rel=0.03)
    assert noise.mean() == pytest.approx(0, abs=0.01)
    for axis in (1, 2):
        neighbours = np.mean(noise * np.roll(noise, 1, axis)) / 0.04
        assert neighbours == pytest.approx(0, abs=0.05)


def cut_bands(share, batch=2000):
    """The first silenced band of each clip, MELS where there is none; what lies below is untouched."""
    silent = diff_augment.low_pass(tf.zeros((batch, 2, MELS, 1)), SEED, share).numpy()[..., 0] == -1
    np.testing.assert_array_equal(silent[:, 0], silent[:, 1])
    first = np.where(silent[:, 0].any(axis=1), silent[:, 0].argmax(axis=1), MELS)
    np.testing.assert_array_equal(silent[:, 0], np.arange(MELS) >= first[:, None])
    return first


def test_low_pass_never_touches_a_clip_at_share_zero():
    assert (cut_bands(0.0) == MELS).all()


@pytest.mark.parametrize("share", [0.3, 1.0])
def test_low_pass_cuts_a_share_of_the_clips_above_an_eighth_of_the_bands(share):
    cuts = cut_bands(share)
    # A cut above the last band silences nothing: one in 28 of those that are made.
    assert (cuts < MELS).mean() == pytest.approx(share * (1 - 1 / 28), abs=0.04)
    assert MELS / 8 < cuts.min() < MELS / 8 + 2
    assert np.mean(cuts[cuts < MELS]) == pytest.approx((MELS / 8 + 1 + MELS - 1) / 2, abs=1.5)


@pytest.mark.parametrize(("share", "length"), [(0.0, 0), (0.2, 4), (0.49, 9), (1.0, 20)])
def test_cut_out_silences_one_run_of_frames_at_full_bandwidth(share, length):
    silent = diff_augment.cut_out(log_mels(200), SEED, share).numpy()[..., 0] == -1
    assert (silent.all(axis=2) == silent.any(axis=2)).all()
    assert (silent.all(axis=2).sum(axis=1) == length).all()
    starts = silent[..., 0].argmax(axis=1)
    runs = (np.diff(silent[..., 0].astype(int), axis=1) == 1).sum(axis=1)
    assert runs.max() <= 1
    if 0 < length < 20:
        assert set(starts) == set(range(20 - length + 1))


def test_cut_out_can_fill_with_another_value():
    assert (diff_augment.cut_out(tf.zeros((2, 4, 3, 1)), SEED, 1.0, value=0.25).numpy() == 0.25).all()


def test_time_shift_moves_time_both_ways_and_never_frequency():
    x = log_mels(200).numpy()
    shifted = diff_augment.time_shift(tf.constant(x), SEED, 0.25).numpy()
    found = set()
    for before, after in zip(x, shifted, strict=True):
        moves = [move for move in range(-5, 6) if np.array_equal(moved(before, move), after)]
        assert len(moves) == 1
        found |= set(moves)
    assert found == set(range(-5, 6))


def moved(clip, frames):
    """A clip later (or earlier) by so many frames, silence where nothing is."""
    result = np.full_like(clip, -1)
    if frames >= 0:
        result[frames:] = clip[: len(clip) - frames]
    else:
        result[:frames] = clip[-frames:]
    return result


def test_lending_gives_exactly_the_other_s_mean_and_deviation():
    x, other = log_mels(3, 50).numpy(), 0.4 * log_mels(3, 50)[::-1].numpy() - 0.3
    lent = diff_augment.lend_statistics(tf.constant(x), tf.constant(other)).numpy()
    np.testing.assert_allclose(lent.mean(axis=1), other.mean(axis=1), atol=1e-5)
    np.testing.assert_allclose(lent.std(axis=1), other.std(axis=1), atol=1e-5)
    # Notes and rhythm stay: every band is the same curve over time, in other units.
    units = [(y - y.mean(axis=1, keepdims=True)) / y.std(axis=1, keepdims=True) for y in (x, lent)]
    np.testing.assert_allclose(*units, atol=1e-4)


def test_lending_does_not_blow_up_a_band_that_stands_still():
    generator = np.random.default_rng(4)
    x = -1 + 1e-4 * generator.normal(size=(1, 50, 2, 1)).astype(np.float32)
    other = log_mels(1, 50, 2)
    lent = diff_augment.lend_statistics(tf.constant(x), other).numpy()
    np.testing.assert_allclose(lent.mean(axis=1), other.numpy().mean(axis=1), atol=1e-5)
    assert lent.std(axis=1).max() < 0.01
    constant = tf.fill((1, 5, 2, 1), -1.0)
    with tf.GradientTape() as tape:
        tape.watch(constant)
        y = diff_augment.lend_statistics(constant, log_mels(1, 5, 2))
    assert np.isfinite(tape.gradient(y, constant)).all()


def moving_average(x, width):
    half = width // 2
    bands = [x[:, :, max(m - half, 0) : m + half + 1].mean(axis=2) for m in range(x.shape[2])]
    return np.stack(bands, axis=2)


@pytest.mark.parametrize("width", [5, 33])
def test_lending_an_envelope_keeps_the_partials_by_half_to_one_and_a_half(width):
    x, other = log_mels(100).numpy(), 0.4 * log_mels(100)[::-1].numpy() - 0.3
    lent = diff_augment.lend_envelope(tf.constant(x), tf.constant(other), SEED, width).numpy()
    level = x.mean(axis=2, keepdims=True) - other.mean(axis=2, keepdims=True)
    partials = (lent - moving_average(other, width) - level).reshape(100, -1)
    own = (x - moving_average(x, width)).reshape(100, -1)
    amounts = (partials * own).sum(axis=1) / (own * own).sum(axis=1)
    np.testing.assert_allclose(partials, amounts[:, None] * own, atol=1e-5)
    assert 0.5 <= amounts.min() < 0.6
    assert 1.4 < amounts.max() <= 1.5


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_choosing_takes_whole_clips_in_the_share_asked_for(share):
    chosen = diff_augment.choose(tf.zeros((3000, 2, 3, 1)), tf.ones((3000, 2, 3, 1)), SEED, share).numpy()
    np.testing.assert_array_equal(chosen.min(axis=(1, 2, 3)), chosen.max(axis=(1, 2, 3)))
    assert chosen.mean() == pytest.approx(share, abs=0.0 if share in (0.0, 1.0) else 0.03)


def test_lending_inside_a_graph():
    x, other = log_mels(2), log_mels(2)[:, ::-1] * 0.5
    lend = tf.function(
        diff_augment.lend_statistics, input_signature=[tf.TensorSpec([None, None, MELS, 1])] * 2
    )
    np.testing.assert_allclose(lend(x, other), diff_augment.lend_statistics(x, other), atol=1e-5)
