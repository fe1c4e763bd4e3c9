import librosa
import numpy as np
import pytest
import tensorflow as tf

from pipelines.errors import UserError
from pipelines.metrics import musicnn, published_weights
from pipelines.metrics.musicnn import DIMENSIONS, MusiCNN, log_mel_windows

RATE = 16000
KERNELS = {
    "conv2d": (7, 38, 1, 204),
    "conv2d_1": (7, 67, 1, 204),
    "conv2d_2": (128, 1, 1, 51),
    "conv2d_3": (64, 1, 1, 51),
    "conv2d_4": (32, 1, 1, 51),
    "conv2d_5": (7, 561, 1, 64),
    "conv2d_6": (7, 64, 1, 64),
    "conv2d_7": (7, 64, 1, 64),
    "dense": (1506, 200),
    "dense_1": (200, 50),
}
NORMALISED = (1, 204, 204, 51, 51, 51, 64, 64, 64, 1506, 200)


@pytest.fixture(scope="module")
def weights() -> dict[str, np.ndarray]:
    """Random weights of the published network's shapes; scales of both signs."""
    random = np.random.default_rng(0)
    found = {}
    for name, shape in KERNELS.items():
        found[f"{name}/kernel"] = random.standard_normal(shape) / np.sqrt(np.prod(shape[:-1]))
        found[f"{name}/bias"] = 0.1 * random.standard_normal(shape[-1])
    for index, size in enumerate(NORMALISED):
        name = f"batch_normalization_{index}" if index else "batch_normalization"
        found |= {f"{name}/{part}": random.standard_normal(size) for part in ("gamma", "beta", "moving_mean")}
        found[f"{name}/moving_variance"] = random.uniform(0.5, 2, size)
    return {name: array.astype(np.float32) for name, array in found.items()}


def reference(weights: dict[str, np.ndarray], windows: np.ndarray) -> np.ndarray:
    """The network of Pons & Serra 2019 by TensorFlow's operations, [windows, 200]."""

    def normalised(x, index):
        name = f"batch_normalization_{index}" if index else "batch_normalization"
        mean, variance, beta, gamma = (
            weights[f"{name}/{part}"] for part in ("moving_mean", "moving_variance", "beta", "gamma")
        )
        return tf.nn.batch_normalization(x, mean, variance, beta, gamma, 1e-3)

    def convolved(x, name, index, padding):
        x = tf.nn.conv2d(x, weights[f"{name}/kernel"], 1, padding) + weights[f"{name}/bias"]
        return normalised(tf.nn.relu(x), index)

    ends = [[0, 0], [3, 3], [0, 0], [0, 0]]
    x = normalised(windows[..., np.newaxis], 0)
    front = [convolved(tf.pad(x, ends), name, i, "VALID") for i, name in ((1, "conv2d"), (2, "conv2d_1"))]
    front += [convolved(x, f"conv2d_{i - 1}", i, "SAME") for i in (3, 4, 5)]
    layers = [tf.concat([tf.reduce_max(part, axis=2) for part in front], axis=2)]
    for index in (5, 6, 7):
        y = convolved(tf.pad(layers[-1][..., np.newaxis], ends), f"conv2d_{index}", index + 1, "VALID")[
            :, :, 0
        ]
        layers.append(y + layers[-1] if index > 5 else y)
    features = tf.concat(layers, axis=2)
    pooled = tf.stack([tf.reduce_max(features, axis=1), tf.reduce_mean(features, axis=1)], axis=2)
    x = normalised(tf.reshape(pooled, [len(windows), -1]), 9)
    return normalised(tf.nn.relu(x @ weights["dense/kernel"] + weights["dense/bias"]), 10).numpy()


def sound(seconds: float, seed: int = 0) -> np.ndarray:
    random = np.random.default_rng(seed)
    wave = random.standard_normal(round(seconds * RATE)) * np.repeat(
        random.uniform(0, 1, 100), seconds * RATE / 100
    )
    return wave.astype(np.float32)


def test_it_is_the_network_by_tensorflows_operations(weights):
    waveform = sound(7)
    windows = log_mel_windows(waveform, RATE, hop_seconds=3)
    expected = reference(weights, windows)
    network = MusiCNN(weights)
    found = network.embed(waveform, RATE, hop_seconds=3)
    assert found.shape == (2, DIMENSIONS)
    np.testing.assert_allclose(found, expected, atol=1e-4 * np.abs(expected).max())
    logits = expected @ weights["dense_1/kernel"] + weights["dense_1/bias"]
    np.testing.assert_allclose(network.tags(found), tf.sigmoid(logits), atol=1e-4)
    assert len(musicnn.TAGS) == 50


def test_windows_are_librosas_log_mel_at_any_level():
    waveform = sound(7)
    level = 0.1 / np.sqrt(np.mean(waveform.astype(float) ** 2))
    mel = librosa.feature.melspectrogram(y=level * waveform, sr=RATE, n_fft=512, hop_length=256, n_mels=96)
    expected = np.log10(10000 * mel + 1).T
    for scale in (1, 0.01):
        windows = log_mel_windows(scale * waveform, RATE)
        assert windows.shape == (3, 187, 96)
        np.testing.assert_allclose(windows[1], expected[94 : 94 + 187], atol=1e-3)


def test_silent_windows_and_short_recordings():
    waveform = np.concatenate([sound(6), np.zeros(12 * RATE, np.float32)])
    assert len(log_mel_windows(waveform, RATE, hop_seconds=3)) == 2
    assert log_mel_windows(np.zeros(5 * RATE, np.float32), RATE).shape == (0, 187, 96)
    assert log_mel_windows(np.zeros(0, np.float32), RATE).shape == (0, 187, 96)
    assert log_mel_windows(sound(1), RATE).shape == (1, 187, 96)
    assert MusiCNN({}).embed(np.zeros(5 * RATE, np.float32), RATE).shape == (0, DIMENSIONS)


def test_the_checkpoint_is_converted_once(monkeypatch, tmp_path, weights):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folder = published_weights.folder(published_weights.MUSICNN)
    folder.mkdir(parents=True)
    stored = {**weights, "beta1_power": np.float32(0.9), "dense/kernel/Adam": np.zeros(3, np.float32)}
    tf.raw_ops.SaveV2(
        prefix=str(folder / "MTT_musicnn"),
        tensor_names=list(stored),
        shape_and_slices=[""] * len(stored),
        tensors=[tf.constant(array) for array in stored.values()],
    )
    calls = []
    monkeypatch.setattr(published_weights, "fetch", lambda wheel: calls.append(wheel) or folder)
    with pytest.raises(UserError, match="holds no weights of musicnn"):
        MusiCNN.load()
    assert musicnn.prepare() == musicnn.prepare()
    assert calls == [published_weights.MUSICNN]
    loaded = MusiCNN.load().weights
    assert loaded.keys() == weights.keys()
    assert all(np.array_equal(loaded[name], weights[name]) for name in weights)
