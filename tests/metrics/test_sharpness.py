import numpy as np
import pytest
from scipy import ndimage

from pipelines.metrics.sharpness import Contrast, contrast, sharpness


def spectrum(seed: int = 0, level: float = 0.0) -> np.ndarray:
    """Random decaying notes in bands 0 to 39 over silence at -90 dB, [64, 400]."""
    random = np.random.default_rng(seed)
    cells = np.full((64, 400), -90.0)
    for band, start in zip(random.integers(40, size=80), random.integers(380, size=80), strict=True):
        note = -3.0 * np.arange(400 - start)
        cells[band, start:] = np.maximum(cells[band, start:], note)
    return cells + level


def texture(seed: int = 0) -> np.ndarray:
    """Smooth random field with a deviation of 10 dB, all of it audible, [64, 400]."""
    field = ndimage.gaussian_filter(np.random.default_rng(seed).standard_normal((64, 400)), 1)
    return 10 * field / field.std()


def test_differences_are_those_of_a_loop():
    cells = spectrum()
    floor = -60.0  # the frames' peaks reach 0
    sums = {0: [], 1: []}
    for axis, (down, right) in ((0, (1, 0)), (1, (0, 1))):
        for i in range(64 - down):
            for j in range(400 - right):
                pair = cells[i, j], cells[i + down, j + right]
                if max(pair) > floor:
                    sums[axis].append(abs(max(pair[0], floor) - max(pair[1], floor)))
    found = contrast(cells)
    assert found.time == pytest.approx(np.mean(sums[1]))
    assert found.frequency == pytest.approx(np.mean(sums[0]))


def test_the_bands_own_songs_are_one():
    songs = [spectrum(seed) for seed in range(20)]
    band = [contrast(song) for song in songs]
    ratios = np.array([sharpness(song, band) for song in songs])
    np.testing.assert_allclose(ratios.mean(axis=0), 1)
    np.testing.assert_allclose(sharpness(spectrum(99), band), 1, atol=0.15)


def test_blur_lowers_and_noise_raises_it_each_along_its_axis():
    cells = texture()
    band = [contrast(cells)]
    blurred_in_time = sharpness(ndimage.gaussian_filter1d(cells, 2, axis=1), band)
    assert blurred_in_time.time < 0.7
    assert blurred_in_time.time < blurred_in_time.frequency
    blurred_in_frequency = sharpness(ndimage.gaussian_filter1d(cells, 2, axis=0), band)
    assert blurred_in_frequency.frequency < 0.7
    assert blurred_in_frequency.frequency < blurred_in_frequency.time
    noisy = sharpness(cells + 6 * np.random.default_rng(1).standard_normal(cells.shape), band)
    assert min(noisy) > 1.1


def test_it_does_not_depend_on_the_level_or_on_what_is_inaudible():
    cells, band = spectrum(), [contrast(spectrum())]
    np.testing.assert_allclose(sharpness(cells - 40, band), 1)
    deeper = np.where(cells <= -60, -90 + 3 * np.random.default_rng(1).standard_normal(cells.shape), cells)
    np.testing.assert_allclose(sharpness(deeper, band), 1)
    louder = cells.copy()
    louder[:, :8] += 30  # a click
    np.testing.assert_allclose(sharpness(louder, band), 1, atol=0.1)


def test_pauses_do_not_count():
    cells = spectrum()
    pause = np.full((64, 400), -90.0)
    np.testing.assert_allclose(sharpness(np.hstack([cells, pause]), [contrast(cells)]), 1, atol=0.03)


@pytest.mark.parametrize("cells", [np.zeros((64, 0)), np.full((64, 9), -100.0), np.zeros((1, 1))])
def test_silence_has_no_sharpness(cells):
    assert np.isnan(contrast(cells)).all()
    assert np.isnan(sharpness(cells, [contrast(spectrum())])).all()
    assert sharpness(spectrum(), [contrast(cells), contrast(spectrum())]) == (1, 1)
    assert np.isnan(sharpness(spectrum(), [])).all()


def test_a_single_frame_has_contrast_in_frequency_only():
    found = contrast(spectrum()[:, 100:101])
    assert np.isnan(found.time)
    assert found.frequency > 0
    assert np.isnan(sharpness(spectrum(), [found])).all()
    assert isinstance(found, Contrast)
