"""The demo's results: the held-out pieces as audio, as a picture and as a table."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from pipelines import console
from pipelines.audio.spec import AudioSpec
from pipelines.data.corpus import Corpus
from pipelines.evaluation import baselines
from pipelines.evaluation.pairs import Pair
from tools.demo import picture
from tools.demo import scores as demo_scores
from tools.demo.scores import COPY, EQ_MATCH, ORACLE, OURS, Table

PICTURE, TABLE, SCORES = "spectrograms.png", "table.md", "table.json"

_COLUMNS = {COPY: "source", EQ_MATCH: "EQ match", OURS: "cover", "truth": "truth"}
"""Titles of the recordings that are written and shown of each piece, in this order, by their rows' names."""


def write(pairs: list[Pair], data: Path, band: Path, covers: Mapping[str, Path], out: Path) -> Table:
    """Writes every piece as source, EQ match, cover and truth; the picture; and the table.

    Everything is measured on the files as written, at one loudness.

    Args:
        pairs: the held-out pieces.
        data: the prepared data: which of the band's songs were trained on, and the audio spec.
        band: the folder of the band's songs.
        covers: by the table's row, where the sources' covers are, under the sources' names; those of `OURS`
            are written and shown, too.
        out: where to write.
    """
    corpus = Corpus.load(data)
    songs = [band / song.name for song in corpus.songs("band", "train")]
    wanted = baselines.long_term_spectrum(corpus.spec, songs)
    out.mkdir(parents=True, exist_ok=True)
    scores, pictures = {}, {}
    for pair in console.progress(pairs, "measuring", unit="piece"):
        played = {row: folder / pair.source.name for row, folder in covers.items()}
        files = played | _write_audio(corpus.spec, pair, played[OURS], wanted, out)
        sounds = {row: baselines.recording(corpus.spec, path) for row, path in files.items()}
        scores[pair.name] = _scores(corpus.spec, sounds, list(covers))
        pictures[pair.name] = {
            title: baselines.log_mel(corpus.spec, sounds[row]) for row, title in _COLUMNS.items()
        }
    picture.save(out / PICTURE, corpus.spec, pictures)
    return _write_table(Table(scores), out)


def _write_audio(spec: AudioSpec, pair: Pair, cover: Path, wanted: np.ndarray, out: Path) -> dict[str, Path]:
    """The four files of a piece, named so that they are listed in the order in which to hear them."""
    suffixes = (pair.source.suffix, ".ogg", cover.suffix, pair.band.suffix)
    files = {
        row: out / f"{pair.name}-{number}-{title.lower().replace(' ', '_')}{suffix}"
        for number, ((row, title), suffix) in enumerate(zip(_COLUMNS.items(), suffixes, strict=True), 1)
    }
    for row, path in ((COPY, pair.source), (OURS, cover), ("truth", pair.band)):
        shutil.copyfile(path, files[row])
    baselines.write_eq_match(spec, pair.source, files[EQ_MATCH], wanted)
    return files


def _scores(spec: AudioSpec, sounds: dict[str, np.ndarray], ours: list[str]) -> dict[str, demo_scores.Score]:
    """One piece's rows."""
    source, truth = sounds[COPY], sounds["truth"]
    rows = {row: sounds[row] for row in (COPY, EQ_MATCH, *ours)}
    rows[ORACLE] = baselines.oracle(spec, source, truth)
    return {row: demo_scores.measure(spec, sound, source, truth) for row, sound in rows.items()}


def _write_table(table: Table, out: Path) -> Table:
    (out / TABLE).write_text(f"{table.markdown()}\n{table.verdict().sentence}\n")
    (out / SCORES).write_text(json.dumps(table.to_dict(), indent=2) + "\n")
    return table
