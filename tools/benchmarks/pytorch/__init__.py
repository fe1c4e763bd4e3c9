"""PyTorch references of train steps, which `python -m tools benchmark speed` compares with ours.

A reference is a module of this folder with a function `step(model, batch)`. It builds the same networks from the
model's configuration, with the same shapes, dtypes, losses and optimisers, and returns a function that makes
one complete train step (forward, losses, backward, update) and returns a loss.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

Step = Callable[[], float]
"""One complete train step; returns a loss, so that nothing of it is still under way."""

MODULES = {
    "cyclegan": "cyclegan",
    "vaegan": "vaegan",
    "vocoder": "vocoder",
}
"""By family, the module of this folder that has its step."""


def has_torch() -> bool:
    """True if PyTorch is installed; nothing but this comparison needs it."""
    return importlib.util.find_spec("torch") is not None


def reference_step(family: str, model: Any, batch: Mapping[str, np.ndarray]) -> Step | None:
    """A family's train step in PyTorch.

    Args:
        family: as in `coverband train`.
        model: the family's own, see `pipelines.nn.model.BaseModel`; only its configuration and the
            shapes of its weights count.
        batch: what a step of it sees, NumPy arrays by name.

    Returns:
        None if PyTorch is not installed, or the family has no reference.
    """
    if family not in MODULES or not has_torch():
        return None
    name = f"{__name__}.{MODULES[family]}"
    if importlib.util.find_spec(name) is None:
        return None
    step: Step = importlib.import_module(name).step(model, batch)
    return step
