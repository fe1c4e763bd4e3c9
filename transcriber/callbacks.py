"""Callbacks of the transcriber: piano rolls and F1 of the validation split."""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.training.callbacks.periodic import Periodic
from pipelines.training.summaries import Events
from transcriber.losses import METRIC_DESCRIPTIONS
from transcriber.model import TranscriberModel
from transcriber.piano_roll import Roll
from transcriber.pictures import comparison
from transcriber.scoring import scores
from transcriber.transcriber import Transcriber
from transcriber.transcription_data import Example

_SHOWN, _FRAMES = 3, 640


class PianoRolls(Periodic):
    """Callback that logs piano rolls of the first examples of the validation split."""

    when_interrupted = False

    def __init__(self, examples: Sequence[Example], events: Events, every: int = 500) -> None:
        """Creates the callback.

        Args:
            examples: of the validation split.
            events: event files of the run.
            every: steps between two previews.
        """
        super().__init__(every)
        self._examples, self._events = examples, events

    def act(self, step: int) -> None:
        """Logs the piano rolls."""
        examples = self._examples[:_SHOWN]
        # All images have the length of the shortest example.
        frames = min(_FRAMES, *(len(each.log_mel) for each in examples))
        shown = [(each.log_mel[:frames], Roll(*(part[:frames] for part in each.roll))) for each in examples]
        with self.model.averaged():
            transcriber = transcriber_of(self.model)
            images = [comparison(log_mel, truth, transcriber(log_mel)) for log_mel, truth in shown]
        description = "Top to bottom: log-mel; score; transcription (onsets bright)."
        self._events.images(step, "preview/rolls", images, description)


class TranscriptionEvaluation(Periodic):
    """Callback that logs the F1 of the validation split."""

    when_interrupted = False

    def __init__(self, examples: Sequence[Example], events: Events, every: int = 500) -> None:
        """Creates the callback; see `PianoRolls`."""
        super().__init__(every)
        self._examples, self._events = examples, events

    def act(self, step: int) -> None:
        """Logs the scores."""
        truths = [(each.notes, each.drums, each.roll) for each in self._examples]
        with self.model.averaged():
            transcriber = transcriber_of(self.model)
            rolls = [transcriber(each.log_mel) for each in self._examples]
        self._events.scalars(step, scores(self.model.config.spec, truths, rolls), METRIC_DESCRIPTIONS)


def transcriber_of(model: TranscriberModel) -> Transcriber:
    """Transcriber of a model's current weights."""
    return Transcriber(model.network, model.config.network, model.config.spec)
