"""Reports at the end of a run: style projector, style interpolation and domain probe."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from pipelines import console
from pipelines.data.corpus import Corpus
from pipelines.training import interpolation, leak, projector
from pipelines.training.events import Events
from pipelines.training.protocol import Coded, Styled, Trainable


def show(logs: Path, corpus: Corpus, model: Trainable, clips: Mapping[str, np.ndarray]) -> None:
    """Writes the final reports of a run to TensorBoard.

    They are the songs' style latents and an interpolation between two styles for a `Styled` model, and the
    domain leakage of the content codes for a `Coded` one.

    Args:
        logs: TensorBoard's folder of the run.
        corpus: the songs.
        model: after its last step.
        clips: see `pipelines.data.excerpts.validation_clips`.
    """
    multiple = model.translator_card().time_multiple
    if isinstance(model, Styled):
        console.say("writing the songs' styles, and what lies between two of them, for TensorBoard")
        projector.show(logs, corpus, model.style_encoder, multiple)
        interpolation.show(logs, corpus, model, clips)
    if isinstance(model, Coded):
        console.say("measuring what the codes of notes tell of their domain")
        _tell(logs, int(model.step.numpy()), leak.measure(corpus, model.coded, multiple))


def _tell(logs: Path, step: int, found: leak.Leak) -> None:
    console.say(str(found))
    events = Events(logs)
    events.scalars(step, {"leak/codes": found.codes, "leak/log_mel": found.log_mel}, leak.CURVES)
    events.close()
