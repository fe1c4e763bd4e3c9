"""Callback that reports on the latent space and the content codes at the end of a run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np

from pipelines import console
from pipelines.data.corpus import Corpus
from pipelines.training import domain_probe, style_latents
from pipelines.training.summaries import Events


class Reports(keras.callbacks.Callback):
    """Callback that writes final reports to TensorBoard, of what the model has.

    They are the songs' style latents in the projector and an interpolation between two styles of a model with
    a `style_encoder`, and the domain leakage of one with `content_codes`.
    """

    when_interrupted = False

    def __init__(self, logs: Path, data: Corpus, clips: Mapping[str, np.ndarray]) -> None:
        """Prepares.

        Args:
            logs: TensorBoard's folder of the run.
            data: opened data folder.
            clips: see `pipelines.data.excerpts.validation_clips`.
        """
        super().__init__()
        self._logs, self._data, self._clips = logs, data, clips

    def on_train_end(self, logs: Mapping[str, Any] | None = None) -> None:
        """Writes the reports."""
        model, multiple = self.model, self.model.frame_geometry[1]
        with model.averaged():
            if hasattr(model, "style_encoder"):
                console.say(
                    "writing the songs' style latents, and an interpolation between styles, for TensorBoard"
                )
                style_latents.project(self._logs, self._data, model.style_encoder, multiple)
                style_latents.interpolate(self._logs, self._data, model, self._clips)
            if hasattr(model, "content_codes"):
                console.say("measuring the domain leakage of the content codes")
                self._write(domain_probe.measure(self._data, model.content_codes, multiple))

    def _write(self, found: domain_probe.Leakage) -> None:
        console.say(str(found))
        events = Events(self._logs)
        scalars = {"domain_probe/codes": found.codes, "domain_probe/log_mel": found.log_mel}
        events.scalars(int(self.model.step.numpy()), scalars, domain_probe.METRIC_DESCRIPTIONS)
        events.close()
