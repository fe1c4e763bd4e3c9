"""Spectrograms as pixels."""

import matplotlib
import numpy as np
import pytest

from pipelines.training import pictures


def test_orientation_colours_and_order():
    low_note = np.full((8, 4), -1.0)
    low_note[2, 0] = 1.0  # frame 2, lowest band
    silence = np.full((8, 4), -1.0)
    image = pictures.stacked([low_note, silence], (-1.0, 1.0))
    black, white = (
        (np.array(matplotlib.colormaps["magma"](value)[:3]) * 255).round() for value in (0.0, 1.0)
    )
    assert image.shape == (4 + 4 + 4, 512, 3)
    assert image.dtype == np.uint8
    assert np.all(image[3, 128:192] == white)  # bottom row of the first picture, a 64-pixel frame
    assert np.all(image[:3] == black)
    assert np.all(image[8:] == black)
    assert np.all(image[4:8] == 255)


def test_out_of_range_and_broken_values_have_a_colour():
    image = pictures.stacked([np.array([[np.nan, 9.0, -9.0, np.inf]])], (-1.0, 1.0))
    assert image.shape == (4, 512, 3)


def test_the_range_ignores_outliers():
    values = np.concatenate([np.linspace(-0.5, 0.5, 10_000), [9.0]])
    low, high = pictures.value_range(values)
    assert low == pytest.approx(-0.45, abs=0.01)
    assert high == pytest.approx(0.5, abs=0.01)
    low, high = pictures.value_range(np.full(10, -1.0))
    assert high > low
