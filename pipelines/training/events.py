"""A run's event files for TensorBoard: its settings, scalars and words."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from pipelines import configuration
from pipelines.training import hparams


class Events:
    """Writes one run's event files."""

    def __init__(self, folder: Path) -> None:
        """Opens them, in the folder of the run's logs."""
        self._writer = tf.summary.create_file_writer(os.fsencode(folder))

    def opening(self, config: Mapping[str, Any], curves: Mapping[str, str]) -> None:
        """Logs once what stays the same: the settings, and the guide to the curves."""
        with self._writer.as_default(step=0):
            hparams.write(config)
            tf.summary.text("about/config", table(configuration.flat(config), "setting", "value"))
            tf.summary.text(
                "about/what_each_curve_should_look_like", table(curves, "curve", "what to expect")
            )
        self._writer.flush()

    def scalars(
        self, step: int, values: Mapping[str, float], curves: Mapping[str, str] | None = None
    ) -> None:
        """Logs scalars; a name without a group goes under "loss".

        Args:
            step: the training step.
            values: by name.
            curves: by name, what the curve should look like; TensorBoard shows it beside the panel.
        """
        with self._writer.as_default(step=step):
            for name, value in values.items():
                tag = name if "/" in name else f"loss/{name}"
                tf.summary.scalar(tag, value, description=(curves or {}).get(name))

    def images(self, step: int, tag: str, pictures: Sequence[np.ndarray], description: str) -> None:
        """Logs pictures of one size, uint8 [height, width, 3] each."""
        with self._writer.as_default(step=step):
            tf.summary.image(tag, np.stack(pictures), max_outputs=len(pictures), description=description)
        self._writer.flush()

    def sounds(self, step: int, tag: str, waveforms: np.ndarray, sample_rate: int, description: str) -> None:
        """Logs sounds, float32 [count, samples]; at most three of them."""
        with self._writer.as_default(step=step):
            clipped = np.clip(waveforms[..., None], -1.0, 1.0)
            tf.summary.audio(tag, clipped, sample_rate, max_outputs=3, description=description)
        self._writer.flush()

    def text(self, step: int, tag: str, markdown: str) -> None:
        """Logs words."""
        with self._writer.as_default(step=step):
            tf.summary.text(tag, markdown)
        self._writer.flush()

    def close(self) -> None:
        """Writes what is still in memory."""
        self._writer.close()


def table(rows: Mapping[str, Any], key: str, value: str) -> str:
    """A markdown table of two columns."""
    lines = [f"| {key} | {value} |", "|---|---|"]
    return "\n".join(lines + [f"| {name} | {cell} |" for name, cell in rows.items()])
