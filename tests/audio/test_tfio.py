import re
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

import pipelines
from pipelines.audio import tfio


def test_nothing_else_imports_tensorflow_io():
    root = Path(pipelines.__file__).parents[1]
    rooms = ("pipelines", "transcriber", "cyclegan", "styletransfer", "vaegan", "vocoder", "tools", "tests")
    found = [
        path.relative_to(root).as_posix()
        for room in rooms
        for path in (root / room).rglob("*.py")
        if re.search(r"^\s*(import|from) tensorflow_io\b", path.read_text(), re.MULTILINE)
    ]
    assert found == ["pipelines/audio/tfio.py"]


@pytest.mark.parametrize("width", [1, 5, 20])
def test_masks_are_runs_of_uniform_width_anywhere(width):
    masks = tfio.random_masks(20, width, count=600, seed=1)
    assert masks.shape == (600, 20)
    assert masks.dtype == bool
    lengths = masks.sum(axis=1)
    edges = np.diff(np.pad(masks, ((0, 0), (1, 1))).astype(int), axis=1)
    assert ((edges == 1).sum(axis=1) == (lengths > 0)).all()
    counts = np.bincount(lengths, minlength=width)
    assert len(counts) == width
    assert counts == pytest.approx([600 / width] * width, rel=0.5)


def test_masks_are_a_function_of_the_seed_and_the_global_seed_is_unchanged():
    tf.random.set_seed(7)
    expected = tf.random.uniform([3]).numpy()
    tf.random.set_seed(7)
    one, same = (tfio.random_masks(20, 8, count=50, seed=4) for _ in range(2))
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, tfio.random_masks(20, 8, count=50, seed=5))
    np.testing.assert_array_equal(tf.random.uniform([3]), expected)
    tf.random.set_seed(None)


@pytest.mark.parametrize("loads", [True, False])
def test_masks_are_the_same_in_every_version_of_tensorflow_with_tensorflow_io_and_without(loads, monkeypatch):
    if not loads:
        monkeypatch.setitem(sys.modules, "tensorflow_io", None)
    masks = tfio.random_masks(20, 8, count=8, seed=4)
    runs = [(16, 1), (8, 7), (6, 4), (10, 7), (4, 7), (0, 0), (6, 1), (5, 3)]
    np.testing.assert_array_equal([(mask.argmax(), mask.sum()) for mask in masks], runs)
