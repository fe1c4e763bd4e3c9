"""Transcription on arrays equals that by TensorFlow."""

import json
from pathlib import Path

import numpy as np
import pytest

from pipelines.errors import UserError
from pipelines.inference.windows import Windows
from tests.transcriber import scenes
from tests.transcriber.scenes import SPEC
from transcriber import array_transcriber, checkpoint
from transcriber.network_config import NetworkConfig
from transcriber.songs import WindowTranscriber
from transcriber.transcriber import Transcriber

SIZES = [
    {"time_stride": 2, "dilations": (1, 2)},
    {"time_stride": 1, "dilations": (3,), "contrast_width": 8},
    {"time_stride": 3, "dilations": (), "harmonics": (1.0,), "channels": 2},
]


@pytest.fixture(scope="module", params=SIZES, ids="stride {0[time_stride]}".format)
def transcriber(request: pytest.FixtureRequest) -> Transcriber:
    """One of random weights."""
    network = scenes.network(**request.param)
    return Transcriber(network, NetworkConfig(**scenes.NETWORK | request.param), SPEC)


@pytest.fixture
def saved(transcriber: Transcriber, tmp_path: Path) -> Path:
    checkpoint.save(tmp_path / "transcriber.npz", transcriber, {})
    return tmp_path / "transcriber.npz"


def song(frames: int, mels: int = SPEC.n_mels) -> np.ndarray:
    shape = (1, frames, mels, 1)
    return np.random.default_rng(3).uniform(-1, 0.4, shape).astype(np.float32)


@pytest.mark.parametrize("frames", [1, 40])
def test_probabilities_are_equal(transcriber: Transcriber, saved: Path, frames: int):
    found, expected = array_transcriber.load(saved).window(song(frames)), transcriber.window(song(frames))
    assert found.dtype == np.float32
    assert np.ptp(expected) > 0.05
    np.testing.assert_allclose(found, expected, atol=1e-4)


def windowed(transcriber: WindowTranscriber, log_mel: np.ndarray) -> np.ndarray:
    parts = []
    for window in transcriber.windows.all(log_mel.shape[1]):
        part = transcriber.window(log_mel[:, window.first : window.last])
        parts.append(part[:, window.start - window.first : window.stop - window.first])
    return np.concatenate(parts, axis=1)


def test_windowed_equals_whole(transcriber: Transcriber, saved: Path):
    loaded, x = array_transcriber.load(saved), song(101)
    margin, multiple = loaded.windows.margin, loaded.windows.multiple
    assert (margin, multiple) == (transcriber.windows.margin, transcriber.windows.multiple)
    loaded.windows = Windows.from_context(12, context=margin, multiple=multiple)
    np.testing.assert_allclose(windowed(loaded, x), transcriber.window(x), atol=1e-4)


def test_the_shipped_transcriber_is_equal():
    loaded = array_transcriber.load()
    x = song(array_transcriber.WINDOW + 60, loaded.spec.n_mels)
    np.testing.assert_allclose(windowed(loaded, x), checkpoint.load().window(x), atol=1e-4)


@pytest.mark.parametrize("change", ["no file", "another shape", "one too many", "one too few", "other sizes"])
def test_what_is_no_transcriber_is_one_sentence(saved: Path, change: str):
    with np.load(saved) as stored:
        arrays = dict(stored)
    if change == "another shape":
        arrays["003"] = np.zeros((5, 4), np.float32)
    elif change == "one too many":
        arrays["900"] = np.zeros(3, np.float32)
    elif change == "one too few":
        arrays.pop(max(name for name in arrays if name.isdigit()))
    elif change == "other sizes":
        card = json.loads(str(arrays["card"]))
        card["network"]["time_stride"] = 4
        arrays["card"] = np.array(json.dumps(card))
    saved.unlink()
    if change != "no file":
        np.savez(saved, **arrays)
    with pytest.raises(UserError, match=r"transcriber\.npz (holds no transcriber|does not exist)"):
        array_transcriber.load(saved)
