"""Renders the paired benchmark: songs to train on, and the truth to compare with.

    coverband benchmark render --out bench --size small

It needs FluidSynth, the SoundFont FluidR3_GM and music21 (pip install "coverband[render]"). A killed run goes
on when it is started again. Below the folder:

    content/*.ogg                   training songs of generic instruments
    bands/BAND/*.ogg                training songs of a rock, a brass, a baroque and a jazz band
    test/BAND/NAME.source.ogg ...   the same notes by a generic instrument and by the band, and NAME.notes.mid
    judge/...                       the same pieces by all bands and several instruments, to train metrics on
    catalogue.json                  every file with its measurements

No tune is in two of them.
"""

from __future__ import annotations

import collections
import concurrent.futures
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from absl import flags

from pipelines import console
from pipelines.errors import UserError
from pipelines.metrics.compiled import compile_ahead
from tools import synth
from tools.bench import repertoire
from tools.bench.plan import SIZES, Song, plan
from tools.bench.rendering import CHECKED, Outcome, render

_OUT = flags.DEFINE_string("out", None, "Folder of the benchmark.", required=True)
_SIZE = flags.DEFINE_enum(
    "size", "small", list(SIZES), "small takes some ten minutes on two cores; full, twice that."
)
_SEED = flags.DEFINE_integer("seed", 0, "Chooses and plays the pieces; the same seed gives the same files.")
_SOUNDFONT = flags.DEFINE_string(
    "soundfont", None, "FluidR3_GM.sf2, if it is not in one of the usual places."
)
_JOBS = flags.DEFINE_integer("jobs", 2, "Songs that are rendered at a time.", lower_bound=1)

CATALOGUE, SCORES = "catalogue.json", ".scores"


def main(argv: list[str]) -> None:
    """Renders what is not there yet, then writes the catalogue."""
    console.require_no_arguments(argv)
    synth.require_fluidsynth()
    out, soundfont = Path(_OUT.value), synth.find_soundfont(_SOUNDFONT.value)
    songs = plan(repertoire.works(out / SCORES, _JOBS.value), SIZES[_SIZE.value], _SEED.value)
    rows = render_all(songs, soundfont, out, _JOBS.value)
    print(table(rows))


def render_all(songs: list[Song], soundfont: Path, out: Path, jobs: int) -> list[dict[str, Any]]:
    """Renders songs; one that fails its check is named and left out, with all of its pair.

    Args:
        songs: what is wanted.
        soundfont: the instruments.
        out: the benchmark's folder; what an earlier plan put there and this one does not is removed.
        jobs: processes.

    Returns:
        The rows of the catalogue, which is written.

    Raises:
        UserError: if no song passed.
    """
    outcomes = list(_outcomes(songs, soundfont, out, jobs))
    for outcome in outcomes:
        if outcome.row is None:
            console.say(f"left out: {outcome.problem}")
    failed = {o.song.piece.name for o in outcomes if o.row is None and o.song.split == "test"}
    kept = [o for o in outcomes if o.row and not (o.song.split == "test" and o.song.piece.name in failed)]
    if not kept:
        raise UserError(f"no rendering passed its check; the first problem: {outcomes[0].problem}")
    rows = [row for outcome in kept for row in _rows(outcome)]
    _remove_others(out, {outcome.song.path for outcome in kept})
    text = json.dumps(rows, indent=1, ensure_ascii=False)
    (out / CATALOGUE).write_text(text + "\n", encoding="utf-8")
    return rows


def table(rows: list[dict[str, Any]]) -> str:
    """A line for each folder: files, minutes, megabytes and the least likeness to the score."""
    folders = collections.defaultdict(list)
    for row in rows:
        folders[str(Path(row["path"]).parent)].append(row)
    lines = ["folder             files     min      MB  least chroma to score"]
    for folder, group in sorted(folders.items()):
        minutes, size = sum(row["seconds"] for row in group) / 60, sum(row["bytes"] for row in group) / 1e6
        worst = min(row["chroma_to_score"] for row in group)
        lines.append(f"{folder:<18} {len(group):>5} {minutes:>7.1f} {size:>7.1f}  {worst:.3f}")
    return "\n".join(lines)


def _outcomes(songs: list[Song], soundfont: Path, out: Path, jobs: int) -> Iterator[Outcome]:
    """In the songs' order; when one raises, no further one is started."""
    compile_ahead()
    with concurrent.futures.ProcessPoolExecutor(jobs) as pool:
        tasks = [pool.submit(render, song, soundfont, out) for song in songs]
        try:
            for task in console.progress(tasks, "render", unit="song"):
                yield task.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _rows(outcome: Outcome) -> Iterator[dict[str, Any]]:
    assert outcome.row is not None
    for path in (outcome.song.path, *outcome.song.copies):
        yield {**outcome.row, "path": path}


def _remove_others(out: Path, wanted: set[str]) -> None:
    """Removes what this tool once rendered and does not list any more; other files are not touched."""
    records = out / CHECKED
    for record in sorted(records.rglob("*.json")):
        if str(record.relative_to(records).with_suffix("")) not in wanted:
            for path in json.loads(record.read_text())["files"]:
                (out / path).unlink(missing_ok=True)
            record.unlink()


if __name__ == "__main__":
    console.run(main)
