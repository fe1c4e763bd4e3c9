"""PyTorch references: train steps of some families, which `python -m tools benchmark speed` compares with.

A reference is a module of this folder with a function `step(model, batch)`. It builds the same networks from
the Keras model's configuration, with the same shapes, dtypes, losses and optimizers, and returns a function
that runs one complete train step (forward, losses, backward, update) and returns a loss.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

Step = Callable[[], float]
"""One complete train step; returns a loss, and so waits until the step has ended."""

MODULES = {"cyclegan": "cyclegan", "vaegan": "vaegan", "vocoder": "vocoder"}
"""Module of this folder by family."""


def has_torch() -> bool:
    """True if PyTorch is installed; only this comparison uses it."""
    return importlib.util.find_spec("torch") is not None


def reference_step(family: str, model: Any, batch: Mapping[str, np.ndarray]) -> Step | None:
    """Train step of a family in PyTorch.

    Args:
        family: name as in `coverband train`.
        model: Keras model of the family; its configuration and its initial weights are used.
        batch: NumPy arrays by name, in the shapes of the family's dataset.

    Returns:
        None if PyTorch is not installed, or there is no reference for the family or its configuration.
    """
    if family not in MODULES or not has_torch():
        return None
    step: Step | None = importlib.import_module(f"{__name__}.{MODULES[family]}").step(model, batch)
    return step
