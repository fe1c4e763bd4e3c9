"""Compute precision of networks: mixed bfloat16 or float32, and float32 for the layers that require it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import keras

MIXED = "mixed_bfloat16"
EXACT = "float32"


@contextlib.contextmanager
def computing_in(policy: str) -> Iterator[None]:
    """Networks that are built inside compute in this; also a decorator of a function that builds one.

    Args:
        policy: of Keras: MIXED (weights stay float32) or EXACT.
    """
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def exact(plan: str) -> str:
    """A network's plan, as JSON, by which the same weights compute in float32."""
    return plan.replace(f'"{MIXED}"', f'"{EXACT}"')
