import numpy as np
from PIL import Image

from pipelines.audio.spec import AudioSpec
from tools.demo import picture as demo_picture


def picture(path, level):
    """Pixels of two pieces in two columns, 8 s each; the last spectrogram has the given level."""
    spec = AudioSpec()
    frames = round(demo_picture.SECONDS * spec.frame_rate)
    loud, quiet = np.zeros((frames, spec.n_mels)), np.full((frames, spec.n_mels), level)
    demo_picture.save(path, spec, {"a": {"x": loud, "y": loud}, "b": {"x": loud, "y": quiet}})
    return pixels(path)


def pixels(path):
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB")).astype(int)


def test_only_the_different_spectrogram_changes(tmp_path):
    same, other = picture(tmp_path / "same.png", 0.0), picture(tmp_path / "other.png", -0.3)
    assert same.shape == other.shape
    changed = np.argwhere(np.abs(same - other).sum(axis=-1) > 60)
    height, width = same.shape[:2]
    (top, left), (bottom, right) = changed.min(axis=0), changed.max(axis=0)
    assert top > 0.45 * height
    assert left > 0.35 * width
    assert (bottom - top) * (right - left) > 0.1 * height * width


def test_short_pieces_are_shown_completely(tmp_path):
    spec = AudioSpec()
    demo_picture.save(tmp_path / "short.png", spec, {"a": {"x": np.zeros((7, spec.n_mels))}})
    assert np.ptp(pixels(tmp_path / "short.png")) > 200
