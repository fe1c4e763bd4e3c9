"""Measures what each part of a decoder's error costs, on rendered pairs with scores.

    python -m tools render paired --out bench
    python -m tools benchmark ladder --model runs/decoder --pairs bench/test/rock --takes bench/takes/rock

The model is a content_decoder or a vaegan: its translator decodes note posteriors and a level. Rungs, by the
mean absolute error of the log-mel to the band's recording (the truth), before any inversion:

    two takes            another take of the band, with other velocities and timings: the floor
    score, truth's level the decoder, given the notes of the score, and level and drums of the truth
    truth's content      the decoder, given what the transcriber hears in the truth
    score, source's level the decoder, given the notes of the score, and level and drums of the source
    source's content     the decoder, given what the transcriber hears in the source: the model
    copy the source      the source itself

With --level there is a rung for each level at which the transcriber is given the source, relative to the
training loudness; the decoder is told the same level as always.

Shares are of the way from the floor to the copy. A cost is the share of a rung less that of the rung that it
is compared with. The level of the truth is mapped by the quantiles of all truths.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from absl import flags

from pipelines import console
from pipelines.audio.spec import AudioSpec
from pipelines.errors import UserError
from pipelines.evaluation import baselines, pairs
from pipelines.inference.loading import load_trained
from pipelines.metrics.bootstrap import bootstrap_interval
from pipelines.metrics.distances import log_mel_error_db
from pipelines.metrics.notes_file import read_notes
from tools.benchmarks.attenuation import attenuated
from tools.benchmarks.content_split import (
    ContentSplit,
    level_quantiles,
    with_level,
    with_note_logits,
    with_notes,
)
from tools.benchmarks.tables import Cell, Table
from transcriber import piano_roll

FLOOR, SCORE, TRUTH = "two takes", "score, truth's level", "truth's content"
SCORE_OF_SOURCE, MODEL, COPY = "score, source's level", "source's content", "copy the source"


@dataclasses.dataclass(frozen=True)
class Rung:
    """Rung of the ladder.

    Attributes:
        name: label of the row.
        above: name of the rung that it is compared with; "" for the first.
        cost: what the difference to that rung is the cost of.
    """

    name: str
    above: str
    cost: str


RUNGS = (
    Rung(FLOOR, "", ""),
    Rung(SCORE, FLOOR, "the decoder, given perfect notes"),
    Rung(TRUTH, SCORE, "notes as heard in the truth"),
    Rung(SCORE_OF_SOURCE, SCORE, "level and drums of the source"),
    Rung(MODEL, SCORE_OF_SOURCE, "notes as heard in the source"),
    Rung(COPY, MODEL, "no model at all"),
)
"""Rungs from the best to the worst; the costs of all but the third add up to the whole."""


def quieter(level: float) -> Rung:
    """Rung of a source that the transcriber is given at a level relative to the training loudness, dB."""
    return Rung(f"{MODEL}, heard at {level:g} dB", MODEL, "the transcriber's level")


@dataclasses.dataclass(frozen=True)
class Song:
    """Log-mels and score of a pair, cut to the same number of frames.

    Attributes:
        source: float32 [frames, n_mels].
        truth: likewise.
        take: likewise, of another take of the band; None if there is none.
        score: piano roll of the score, [frames, ...].
    """

    source: np.ndarray
    truth: np.ndarray
    take: np.ndarray | None
    score: piano_roll.Roll


def main(argv: list[str]) -> None:
    """Prints the table."""
    values = flags.FlagValues()
    model = flags.DEFINE_string(
        "model", None, "A training run's --workdir.", required=True, flag_values=values
    )
    folder = flags.DEFINE_string(
        "pairs",
        None,
        "Folder of pairs, NAME.source, NAME.band and NAME.notes.mid.",
        required=True,
        flag_values=values,
    )
    takes = flags.DEFINE_string(
        "takes", None, "Folder of other takes of the band, NAME.band.", flag_values=values
    )
    count = flags.DEFINE_integer(
        "songs", None, "Largest number of songs (default: all).", lower_bound=1, flag_values=values
    )
    levels = flags.DEFINE_multi_float(
        "level",
        [],
        "Level, dB, of the source that the transcriber is given; one rung for each.",
        upper_bound=0.0,
        flag_values=values,
    )
    console.parse(values, argv, __doc__)
    translator = load_trained(Path(model.value or ""))
    split = ContentSplit(translator)
    found = pairs.find_pairs(Path(folder.value or ""))[: count.value]
    other_takes = Path(takes.value) if takes.value else None
    songs = list(_read(found, other_takes, translator.spec, split.multiple))
    quantiles = level_quantiles([song.truth for song in songs])
    errors = [
        measure(song, split, translator.spec, quantiles, levels.value)
        for song in console.progress(songs, "decoding", unit="pair")
    ]
    title = f"Ladder of {model.value}, {len(songs)} pairs of {folder.value}"
    print(table(errors, title, tuple(quieter(level) for level in levels.value)))


def _read(found: Sequence[pairs.Pair], takes: Path | None, spec: AudioSpec, multiple: int) -> Iterator[Song]:
    """Songs of pairs, without those that cannot be read, which are printed.

    Raises:
        UserError: if none can be read.
    """
    errors = 0
    for pair in console.progress(found, "reading", unit="pair"):
        try:
            yield read_song(pair, takes, spec, multiple)
        except UserError as error:
            errors += 1
            console.say(f"left out: {error}")
    if errors == len(found):
        raise UserError("not one pair can be used: see above")


def read_song(pair: pairs.Pair, takes: Path | None, spec: AudioSpec, multiple: int) -> Song:
    """Reads a pair at the training loudness.

    Args:
        pair: with a score.
        takes: folder of other takes; None for none.
        spec: of the log-mels.
        multiple: the number of frames becomes a multiple of this.

    Raises:
        UserError: if a file is missing or cannot be read.
    """
    notes = pairs.notes_path(pair.source)
    if notes is None:
        raise UserError(f"{pair.source} has no score {pair.name}.notes.mid: name pairs with scores")
    paths = [pair.source, pair.band]
    if takes is not None:
        take = takes / pair.band.name
        if not take.is_file():
            raise UserError(f"{take} is not there: render the benchmark again, or leave --takes out")
        paths.append(take)
    log_mels = [baselines.log_mel(spec, baselines.recording(spec, path)) for path in paths]
    # The second take ends some milliseconds earlier or later.
    frames = min(map(len, log_mels)) // multiple * multiple
    source, truth, *others = (log_mel[:frames] for log_mel in log_mels)
    score = piano_roll.from_notes(spec, read_notes(notes), np.zeros((0, 3)), frames)
    return Song(source, truth, others[0] if others else None, score)


def measure(
    song: Song, split: ContentSplit, spec: AudioSpec, quantiles: np.ndarray, levels: Sequence[float] = ()
) -> dict[str, float]:
    """Errors of the rungs, dB, by name.

    Args:
        song: the pair.
        split: the model.
        spec: of the log-mels.
        quantiles: of the levels of all truths, see `content_split.level_quantiles`.
        levels: of the source that the transcriber is given, dB, one rung for each.
    """
    of_source = split.encode(song.source)
    of_truth = with_level(split.encode(song.truth), song.truth, quantiles)
    contents = {
        SCORE: with_notes(of_truth, song.score),
        TRUTH: of_truth,
        SCORE_OF_SOURCE: with_notes(of_source, song.score),
        MODEL: of_source,
    }
    for level in levels:
        heard = split.encode(attenuated(spec, song.source, level))
        contents[quieter(level).name] = with_note_logits(of_source, heard)
    log_mels = {name: split.decode(content, song.source) for name, content in contents.items()}
    log_mels[COPY] = song.source
    if song.take is not None:
        log_mels[FLOOR] = song.take
    return {name: log_mel_error_db(spec, song.truth, log_mel) for name, log_mel in log_mels.items()}


def table(errors: Sequence[Mapping[str, float]], title: str, others: tuple[Rung, ...] = ()) -> Table:
    """Table of the rungs.

    Args:
        errors: of each song, by the name of the rung; the floor may be missing.
        title: heading.
        others: further rungs.
    """
    rungs = (*RUNGS, *others)
    values = {rung.name: [song[rung.name] for song in errors if rung.name in song] for rung in rungs}
    means = {name: float(np.mean(each)) for name, each in values.items() if each}
    rows = tuple(_row(rung, values[rung.name], means) for rung in rungs if rung.name in means)
    notes = () if FLOOR in means else ("Without --takes the floor is unknown, and no shares are given.",)
    return Table(title, rows, notes)


def _row(rung: Rung, values: Sequence[float], means: Mapping[str, float]) -> dict[str, Cell]:
    low, high = bootstrap_interval(values)
    interval = f" ({low:.2f} to {high:.2f})" if np.isfinite(low) else ""
    share, above = _share(means, rung.name), _share(means, rung.above)
    cost = None if share is None or above is None else _percent(share - above)
    return {
        "rung": rung.name,
        "log-mel error, dB": f"{means[rung.name]:.2f}{interval}",
        "share of copy - floor": None if share is None else _percent(share),
        "costs": cost,
        "for": rung.cost if cost else None,
        "against": rung.above if cost else None,
    }


def _percent(share: float) -> str:
    return f"{round(share, 2) + 0.0:.0%}"  # without the sign of a rounded zero


def _share(means: Mapping[str, float], name: str) -> float | None:
    """Share of the way from the floor to the copy; None without a floor, or if both are equal."""
    if FLOOR not in means or name not in means or means[COPY] == means[FLOOR]:
        return None
    return (means[name] - means[FLOOR]) / (means[COPY] - means[FLOOR])


if __name__ == "__main__":
    console.run(main)
