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
from transcriber.transcription_data import Heard

_SHOWN, _FRAMES = 3, 640


class PianoRolls(Periodic):
    """Callback that logs piano rolls of the first recordings of the validation split."""

    when_interrupted = False

    def __init__(self, recordings: Sequence[Heard], events: Events, every: int = 500) -> None:
        """Prepares.

        Args:
            recordings: of the validation split.
            events: event files of the run.
            every: steps between two previews.
        """
        super().__init__(every)
        self._recordings, self._events = recordings, events

    def act(self, step: int) -> None:
        """Logs the piano rolls."""
        recordings = self._recordings[:_SHOWN]
        # Images of one size: as long as the shortest.
        frames = min(_FRAMES, *(len(each.log_mel) for each in recordings))
        shown = [(each.log_mel[:frames], Roll(*(part[:frames] for part in each.roll))) for each in recordings]
        with self.model.averaged():
            transcriber = transcriber_of(self.model)
            images = [comparison(log_mel, truth, transcriber(log_mel)) for log_mel, truth in shown]
        description = "Top to bottom: log-mel; score; transcription (onsets bright)."
        self._events.images(step, "preview/rolls", images, description)


class TranscriptionEvaluation(Periodic):
    """Callback that logs the F1 of the validation split."""

    when_interrupted = False

    def __init__(self, recordings: Sequence[Heard], events: Events, every: int = 500) -> None:
        """Prepares; see `PianoRolls`."""
        super().__init__(every)
        self._recordings, self._events = recordings, events

    def act(self, step: int) -> None:
        """Logs the scores."""
        truths = [(each.notes, each.drums, each.roll) for each in self._recordings]
        with self.model.averaged():
            transcriber = transcriber_of(self.model)
            rolls = [transcriber(each.log_mel) for each in self._recordings]
        self._events.scalars(step, scores(self.model.config.spec, truths, rolls), METRIC_DESCRIPTIONS)


def transcriber_of(model: TranscriberModel) -> Transcriber:
    """Transcriber of a model's present weights."""
    return Transcriber(model.network, model.config.network, model.config.spec)
