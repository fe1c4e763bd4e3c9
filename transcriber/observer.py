"""Training observer of the transcriber: logs piano rolls and F1 on the validation split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pipelines.training.events import Events
from pipelines.training.runs import Workdir
from transcriber import checkpoint
from transcriber.metric_descriptions import CURVES
from transcriber.model import TranscriberModel
from transcriber.piano_roll import Roll
from transcriber.pictures import comparison
from transcriber.scoring import scores
from transcriber.transcriber import Transcriber
from transcriber.transcription_data import Heard

FILE = "transcriber.npz"
"""In the run's folder: the newest transcriber."""

_SHOWN, _FRAMES = 3, 640


class TranscriberObserver:
    """Shows, measures and writes the average network.

    Attributes:
        events: where scalars go.
    """

    def __init__(self, model: TranscriberModel, workdir: Workdir, lessons: Sequence[Heard]) -> None:
        """Takes the model, the run's folder and the validation lessons."""
        self._model, self._workdir, self._lessons = model, workdir, lessons
        self._transcriber = Transcriber(model.average, model.config.network, model.config.spec)
        self.events = Events(workdir.logs)

    def opening(self, settings: Mapping[str, Any], curves: Mapping[str, str]) -> None:
        """Logs the settings and the guide to the curves."""
        self.events.opening(settings, curves)

    def begin(self, step: int) -> None:
        """Nothing: the lessons are as they are."""

    def preview(self, step: int, means: Sequence[Mapping[str, float]]) -> None:
        """Piano rolls of the first lessons."""
        lessons = self._lessons[:_SHOWN]
        # Pictures of one size: as long as the shortest.
        frames = min(_FRAMES, *(len(each.log_mel) for each in lessons))
        shown = [(each.log_mel[:frames], Roll(*(part[:frames] for part in each.roll))) for each in lessons]
        pictures = [comparison(mel, truth, self._transcriber(mel)) for mel, truth in shown]
        self.events.images(
            step,
            "preview/rolls",
            pictures,
            "Top to bottom: log-mel; what is played; what is heard (onsets bright).",
        )

    def evaluate(self, step: int) -> None:
        """F1 of the validation lessons."""
        truths = [(each.notes, each.drums, each.roll) for each in self._lessons]
        heard = [self._transcriber(each.log_mel) for each in self._lessons]
        self.events.scalars(step, scores(self._model.config.spec, truths, heard), CURVES)

    def save(self) -> None:
        """Writes the transcriber."""
        facts = {"preset": self._model.config.preset, "steps": int(self._model.step.numpy())}
        checkpoint.save(self._workdir.path / FILE, self._transcriber, facts)
