import numpy as np
import pytest
import tensorflow as tf

from pipelines.data import augmentation
from pipelines.data.config import AugmentConfig

FRAMES, MELS, BATCH = 40, 24, 6
SEED = tf.constant([3, 5])

CONFIGS = {
    "gain": AugmentConfig(gain=0.1),
    "equalizer": AugmentConfig(equalizer=0.1, knots=4),
    "noise": AugmentConfig(noise=0.1),
    "time_masks": AugmentConfig(time_masks=2, time_width=12),
    "mel_masks": AugmentConfig(mel_masks=1, mel_width=9),
    "all": AugmentConfig(0.1, 0.1, 4, 0.05, 1, 8, 2, 6, content=True),
}


def _batch(batch=BATCH):
    rng = np.random.default_rng(0)
    clips = {
        name: tf.constant(rng.uniform(-0.6, 0.6, (batch, FRAMES, MELS, 1)), tf.float32)
        for name in ("content", "band")
    }
    return {**clips, "band/features": tf.ones([batch, FRAMES, 3])}


def _augmentation(config):
    augment = augmentation.from_config(config, FRAMES, MELS)
    assert augment is not None
    return augment


def test_no_augmentation_by_default():
    assert augmentation.from_config(AugmentConfig(), FRAMES, MELS) is None
    assert augmentation.from_config(AugmentConfig(content=True, time_width=3), FRAMES, MELS) is None


@pytest.mark.parametrize("name", list(CONFIGS))
def test_function_of_the_seed_eagerly_and_in_a_dataset(name):
    augment, batch = _augmentation(CONFIGS[name]), _batch()
    found = augment(batch, SEED)
    for other in (
        augment(batch, SEED),
        next(iter(tf.data.Dataset.from_tensors(batch).map(lambda clips: augment(clips, SEED)))),
        tf.function(augment)(batch, SEED),
        _augmentation(CONFIGS[name])(batch, SEED),  # as in another process
    ):
        for key, value in found.items():
            np.testing.assert_allclose(other[key], value, atol=1e-6)
    assert not np.allclose(augment(batch, SEED + 1)["band"], found["band"])
    assert found["band"].shape == batch["band"].shape
    assert float(tf.reduce_max(tf.abs(found["band"]))) <= 1


@pytest.mark.parametrize("name", list(CONFIGS))
def test_only_configured_domains_are_augmented(name):
    batch = _batch()
    found = _augmentation(CONFIGS[name])(batch, SEED)
    assert not np.array_equal(found["band"], batch["band"])
    assert np.array_equal(found["content"], batch["content"]) == (name != "all")
    assert found["band/features"] is batch["band/features"]


def test_domains_have_different_seeds():
    batch = _batch()
    batch["content"] = batch["band"]
    found = _augmentation(CONFIGS["all"])(batch, SEED)
    assert not np.allclose(found["content"], found["band"])


def test_masks_are_runs_of_silence_over_all_of_the_other_axis():
    clips = {"content": tf.zeros([400, FRAMES, MELS, 1]), "band": tf.zeros([400, FRAMES, MELS, 1])}
    one = AugmentConfig(time_masks=1, time_width=12, mel_masks=1, mel_width=9)
    silent = _augmentation(one)(clips, SEED)["band"].numpy()[..., 0] == -1
    frames, mels = silent.all(axis=2), silent.all(axis=1)
    np.testing.assert_array_equal(silent, frames[:, :, None] | mels[:, None, :])
    for masked, width in ((frames, 12), (mels, 9)):
        lengths = masked.sum(axis=1)
        assert (np.diff(masked.astype(int), axis=1) == 1).sum(axis=1).max() <= 1
        assert set(lengths) == set(range(width))  # uniform, so that all occur
        assert lengths.mean() == pytest.approx((width - 1) / 2, abs=0.5)
        assert masked[:, :-1].any(axis=0).all()  # the paper never reaches the last position
    assert abs(np.corrcoef(frames.sum(axis=1), mels.sum(axis=1))[0, 1]) < 0.2
