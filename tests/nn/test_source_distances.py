import numpy as np
import pytest
import tensorflow as tf

from pipelines.nn.source_distances import contrast_loss, level_loss, rise_loss


def normal(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def partials(bands, level=0.0, frames=12):
    """Log-mel [1, frames, 64, 1] with partials at some bands."""
    log_mel = np.full((1, frames, 64, 1), -0.6, np.float32)
    log_mel[:, :, bands] = level
    return log_mel


def test_contrasts_are_compared_by_the_places_of_the_partials():
    """Of another level and envelope, the partials are the same; of another pitch, they are not."""
    source = partials([5, 11, 17, 23])
    tilt = np.linspace(0, -0.5, 64, dtype=np.float32)[:, None]
    same, tilted, other = source, 0.7 * source + tilt, partials([2, 8, 14, 20, 26])
    found = [float(contrast_loss(tf.constant(each), source)) for each in (same, tilted, other)]
    assert found[0] == pytest.approx(0, abs=2e-3)
    assert found[1] < 0.1
    assert found[2] > 1.0


def test_contrasts_by_numpy():
    sample, source = (0.3 * normal(2, 8, 64, 1, seed=seed) for seed in (1, 2))

    def pattern(log_mel):
        bands = log_mel[..., 0].astype(np.float64)
        smooth = np.stack([bands[:, max(t - 2, 0) : t + 3].mean(axis=1) for t in range(8)], axis=1)
        around = [slice(max(f - 16, 0), f + 17) for f in range(64)]
        difference = smooth - np.stack([smooth[:, :, each].mean(axis=2) for each in around], axis=2)
        square = np.stack([(difference**2)[:, :, each].mean(axis=2) for each in around], axis=2)
        return np.clip(difference / np.sqrt(square + 0.04**2), -2.5, 2.5)[:, :, :32]

    one, other = pattern(sample), pattern(source)
    energies = [(each**2).sum(axis=2) for each in (one, other)]
    correlation = (one * other).sum(axis=2) / np.sqrt((energies[0] + 1e-2) * (energies[1] + 1e-2))
    expected = (energies[1] * (1 - correlation)).sum() / energies[1].sum()
    assert float(contrast_loss(sample, source)) == pytest.approx(expected, rel=1e-3)


def test_frames_without_weight_do_not_count():
    sample, source = (0.3 * normal(2, 8, 64, 1, seed=seed) for seed in (1, 2))
    both = tf.constant([[1.0], [0.25]])
    weighted, whole = (float(contrast_loss(sample, source, each)) for each in (both, 1.0))
    changed = np.concatenate([sample[:1], sample[1:] + normal(1, 8, 64, 1)])
    first = tf.constant([[1.0], [0.0]])
    assert weighted < whole
    assert float(contrast_loss(changed, source, first)) == pytest.approx(
        float(contrast_loss(sample, source, first))
    )


def strokes(frames, height=0.4):
    """Log-mel [1, 32, 64, 1] that rises at some frames and falls slowly."""
    log_mel = np.full(32, -0.8, np.float32)
    for frame in frames:
        log_mel[frame:] = np.maximum(log_mel[frame:], -0.8 + height * np.exp(-np.arange(32 - frame) / 3))
    return np.tile(log_mel[None, :, None, None], (1, 1, 64, 1))


def test_rises_are_compared_by_the_times_of_the_strokes():
    source = strokes([4, 12, 20, 28])
    quieter, later, other = strokes([4, 12, 20, 28], 0.2), strokes([5, 13, 21, 29]), strokes([8, 16, 24])
    found = [float(rise_loss(tf.constant(each), source)) for each in (source, quieter, later, other)]
    assert found[0] < 0.02
    assert found[1] < 0.05
    assert 0.1 < found[2] < 0.6
    assert found[3] > 1.0
    assert float(rise_loss(tf.constant(strokes([])), source)) == pytest.approx(1, abs=0.01)


def test_levels_are_compared_by_what_is_loud_when():
    """At another balance of the groups and half the range, the dynamics are the same."""
    envelope = np.sin(np.linspace(0, 2 * np.pi, 32, dtype=np.float32))[None, :, None, None]
    swell = np.concatenate([0.3 * envelope] * 32 + [0.1 * envelope] * 32, axis=2) - 0.3
    balance = np.linspace(0.2, -0.4, 64, dtype=np.float32)[:, None]
    found = [float(level_loss(each, swell)) for each in (swell, 0.5 * swell + balance, -swell - 0.6)]
    assert found == pytest.approx([0, 0, 2], abs=1e-2)


def test_levels_by_numpy():
    sample, source = (0.3 * normal(2, 8, 64, 1, seed=seed) for seed in (1, 2))

    def dynamics(log_mel):
        groups = log_mel.reshape(2, 8, 16, 4).mean(axis=3).astype(np.float64)
        smooth = np.stack([groups[:, max(t - 1, 0) : t + 2].mean(axis=1) for t in range(8)], axis=1)
        return (smooth - smooth.mean(axis=1, keepdims=True)).reshape(2, -1)

    one, other = dynamics(sample), dynamics(source)
    energies = [(each**2).sum(axis=1) + 1e-2 for each in (one, other)]
    distances = 1 - (one * other).sum(axis=1) / np.sqrt(energies[0] * energies[1])
    assert float(level_loss(sample, source)) == pytest.approx(distances.mean(), rel=1e-4)
    weighted = float(level_loss(sample, source, tf.constant([1.0, 0.5])))
    assert weighted == pytest.approx((distances * [1, 0.5]).mean(), rel=1e-4)


@pytest.mark.parametrize("loss", [contrast_loss, rise_loss, level_loss])
def test_gradients_of_silence_are_finite(loss):
    silence = tf.fill([2, 8, 64, 1], -1.0)
    with tf.GradientTape() as tape:
        tape.watch(silence)
        value = loss(silence, silence)
    assert np.isfinite(value)
    assert np.isfinite(tape.gradient(value, silence)).all()
