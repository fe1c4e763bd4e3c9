"""Measures what of a band and of a song a base makes use of, and what its errors are due to.

    python -m tools render transcription --out transcription_data/ --size full --ensembles 2
    python -m tools benchmark base --data transcription_data/

Every pair is a clip of a recording, the source, and the same music by another ensemble, the target. A row is
the mean absolute error of the log-mel to the target, before any inversion, with one thing replaced:

    as translated               the content of the source, and the latent of another part of the target
    latent of the clip itself   the target's latent of the clip that is to be played
    latent of a different band  that of the next pair's target; statistics remain those of the right band
    no view                     notes and level only
    notes of the target         the transcriber's mistakes are those of the target
    notes and view of the target

beside the source itself, and the source with the band's mean and deviation in each mel band. The error in
pairs that were trained on says whether the base has learnt them by heart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import numpy as np
import tensorflow as tf
from absl import flags

from pipelines import console
from pipelines.metrics.bootstrap import bootstrap_interval
from tools.benchmarks.tables import Table
from transcriber import checkpoint as transcribers
from transcriber.transcriber import Transcriber
from vaegan.base import checkpoint
from vaegan.base.config import base_tiny
from vaegan.base.model import Base
from vaegan.base.pairs import Pairs
from vaegan.base.recordings import load

Arrays = Mapping[str, np.ndarray]
"""Batch of pairs, see `vaegan.base.pairs.batches`."""
TRANSLATED = "as translated"
_PAIRS = 16
"""Pairs of a batch."""


def main(argv: list[str]) -> None:
    """Prints the table."""
    values = flags.FlagValues()
    data = flags.DEFINE_string(
        "data", None, "Folder of transcription data with twins.", required=True, flag_values=values
    )
    base = flags.DEFINE_string("base", "shipped", "The base.npz of a run, or shipped.", flag_values=values)
    count = flags.DEFINE_integer("pairs", 256, "Pairs of each split.", lower_bound=_PAIRS, flag_values=values)
    console.parse(values, argv, __doc__)
    transcriber = transcribers.load()
    config = base_tiny()
    drawn = {}
    for split in ("train", "valid"):
        recordings = load(transcriber, Path(data.value or ""), split)
        drawn[split] = draw(Pairs(recordings, config.data.frames, config.style_frames), count.value)
    model = Base(config, transcriber)
    checkpoint.start_from(model, checkpoint.named(base.value or ""))
    rows = errors(transcriber, model, drawn["valid"])
    rows[f"{TRANSLATED}, pairs trained on"] = errors(transcriber, model, drawn["train"], (TRANSLATED,))[
        TRANSLATED
    ]
    print(table(rows, f"Base {base.value}, {count.value // _PAIRS * _PAIRS} pairs of {data.value}"))


def draw(pairs: Pairs, count: int) -> list[Arrays]:
    """Batches of the same pairs at every call."""
    chance = np.random.default_rng(0)
    return [pairs.draw(chance, _PAIRS) for _ in range(count // _PAIRS)]


def errors(
    transcriber: Transcriber, model: Base, batches: Sequence[Arrays], names: Sequence[str] = ()
) -> dict[str, np.ndarray]:
    """Errors of all pairs, dB, by row.

    Args:
        transcriber: of the model.
        model: the base.
        batches: of pairs.
        names: of the rows; all if there are none.
    """
    decibels = model.config.spec.range_db / 2
    rows = _rows(transcriber, model)
    found: dict[str, list[np.ndarray]] = {name: [] for name in names or rows}
    for batch in console.progress(batches, "translating", unit="batch"):
        for name, values in found.items():
            difference = np.abs(rows[name](batch) - batch["band"])
            values.append(decibels * difference.mean(axis=(1, 2, 3)))
    return {name: np.concatenate(values) for name, values in found.items()}


def _rows(transcriber: Transcriber, model: Base) -> Mapping[str, Callable[[Arrays], np.ndarray]]:
    translation = tf.function(model.pair_translation, autograph=False, reduce_retracing=True)
    logits = tf.function(transcriber.logits, autograph=False, reduce_retracing=True)

    def translated(
        batch: Arrays, changes: Arrays = MappingProxyType({}), presence: float = 1.0
    ) -> np.ndarray:
        clips = {name: tf.constant(x, tf.float32) for name, x in {**batch, **changes}.items()}
        return translation(clips, tf.constant(presence)).numpy()

    def notes_of_target(batch: Arrays) -> dict[str, np.ndarray]:
        return {"content/note_logits": logits(tf.constant(batch["band"])).numpy()}

    return {
        "the source itself": lambda batch: batch["content"],
        "the source with the band's statistics": matched,
        TRANSLATED: translated,
        "latent of the clip itself": lambda batch: translated(batch, {"style": batch["band"]}),
        "latent of a different band": lambda batch: translated(
            batch, {"style": np.roll(batch["style"], 1, 0)}
        ),
        "no view": lambda batch: translated(batch, presence=0.0),
        "notes of the target": lambda batch: translated(batch, notes_of_target(batch)),
        "notes and view of the target": lambda batch: translated(
            batch, {"content": batch["band"], **notes_of_target(batch)}
        ),
    }


def matched(batch: Arrays) -> np.ndarray:
    """Sources with the mean and deviation of the target's recording in each mel band."""
    source = batch["content"]
    mean, deviation = (x[:, None, :, None] for x in np.moveaxis(batch["statistics"], 1, 0))
    own = source.mean(axis=1, keepdims=True), source.std(axis=1, keepdims=True)
    return mean + deviation * (source - own[0]) / np.maximum(own[1], 1e-2)


def table(rows: Mapping[str, np.ndarray], title: str) -> Table:
    """Table of mean errors with their 95 % intervals over pairs."""
    cells = []
    for name, values in rows.items():
        low, high = bootstrap_interval(values.tolist())
        cells.append({"row": name, "log-mel error, dB": f"{values.mean():.2f} ({low:.2f} to {high:.2f})"})
    return Table(title, tuple(cells))


if __name__ == "__main__":
    console.run(main)
