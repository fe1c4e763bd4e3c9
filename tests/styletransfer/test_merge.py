import numpy as np
import pytest

from styletransfer.merge import Merge, keys, parts
from tests.styletransfer import tiny

NOTHING = np.zeros((0, tiny.SPEC.n_bins), np.float32)
CONFIG = tiny.config(method="merge", alpha=0.0)


def ignore(_):
    pass


def tone(fall, seconds=0.6, pitch=250.0):
    """Magnitudes of 12 overtones that become weaker by `fall` dB each."""
    frames, bins = tiny.SPEC.frames(round(seconds * tiny.SPEC.sample_rate)), np.arange(tiny.SPEC.n_bins)
    width = tiny.SPEC.sample_rate / tiny.SPEC.n_fft
    spectrum = sum(
        10 ** (-fall * k / 20) * np.exp(-0.5 * (bins - pitch * k / width) ** 2) for k in range(1, 13)
    )
    return np.tile(10 * (spectrum + 1e-3).astype(np.float32), (frames, 1))


def tilt(magnitude, pitch=250.0):
    """Decibels between the overtones, by a straight line through their levels."""
    width = tiny.SPEC.sample_rate / tiny.SPEC.n_fft
    levels = [20 * np.log10(magnitude.mean(axis=0)[round(pitch * k / width)]) for k in range(1, 13)]
    return -np.polyfit(np.arange(1, 13), levels, 1)[0]


def test_the_style_s_envelope_is_laid_on_the_content_s_overtones():
    content, style = tone(3.0), tone(1.0)
    merged = Merge(CONFIG, [style])(content, NOTHING, ignore)
    assert (tilt(content), tilt(style)) == pytest.approx((3, 1), abs=0.2)
    assert tilt(merged) == pytest.approx(1, abs=0.4)


def test_every_frame_keeps_its_energy_part_by_part():
    content = tiny.magnitude(tiny.CONTENT, 0.8)
    merged = Merge(CONFIG, [tiny.magnitude(tiny.STYLE, 1.0)])(content, NOTHING, ignore)
    both = [np.linalg.norm(part, axis=1) for part in parts(CONFIG, content)]
    assert np.all(np.linalg.norm(merged, axis=1) <= sum(both) * 1.0001)
    assert np.all(np.linalg.norm(merged, axis=1) >= np.hypot(*both) * 0.9999)
    assert np.abs(np.log1p(merged) - np.log1p(content)).mean() > 0.05


def test_alpha_one_and_the_content_as_style_give_the_content_back():
    content, style = tiny.magnitude(tiny.CONTENT, 0.8), tiny.magnitude(tiny.STYLE, 1.0)
    kept = Merge(tiny.config(method="merge", alpha=1.0), [style])(content, NOTHING, ignore)
    np.testing.assert_allclose(kept, content, rtol=1e-3, atol=1e-4)


def test_a_frame_is_compared_with_frames_of_the_same_notes():
    low, high = tone(2.0, pitch=250.0), tone(0.0, pitch=330.0)
    merged = Merge(CONFIG, [tone(4.0), tone(1.0, pitch=330.0)])
    assert tilt(merged(low, NOTHING, ignore)) == pytest.approx(4, abs=0.6)
    assert tilt(merged(high, NOTHING, ignore), 330.0) == pytest.approx(1, abs=0.6)


def test_keys_tell_level_and_notes():
    found = keys(CONFIG, np.concatenate([tone(1.0), 2 * tone(1.0), tone(1.0, pitch=330.0)]))
    assert found.shape[1] == 13
    np.testing.assert_allclose(np.linalg.norm(found[:, :12], axis=1), 1, rtol=1e-4)
    frames = len(found) // 3
    assert found[frames, -1] - found[0, -1] == pytest.approx(CONFIG.merge.level_weight * 6.02 / 6, rel=1e-3)
    assert np.linalg.norm(found[0, :12] - found[frames, :12]) < 1e-3
    assert np.linalg.norm(found[0, :12] - found[-1, :12]) > 0.5


def test_parts_add_up_and_a_click_is_percussive():
    magnitude = tone(1.0)
    magnitude[40] += 30
    harmonic, percussive = parts(CONFIG, magnitude)
    np.testing.assert_allclose(harmonic + percussive, magnitude, rtol=1e-4)
    assert percussive[40].sum() > 5 * harmonic[40].sum()
    assert harmonic[20].sum() > 2 * percussive[20].sum()
