"""Results of the demo: audio, spectrograms and a table of the held-out pieces."""

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
"""Titles of the recordings that are written for each piece, by the names of their rows."""


def write(pairs: list[Pair], data: Path, band: Path, covers: Mapping[str, Path], out: Path) -> Table:
    """Writes source, EQ match, cover and ground truth of every piece, their spectrograms, and the table.

    Measurements are of the written files, at equal loudness.

    Args:
        pairs: held-out pieces.
        data: data folder, with the audio spec and the band's training songs.
        band: folder of the band's songs.
        covers: folder of covers, named as the sources, by row of the table; those of `OURS` are written and
            shown, too.
        out: output folder.
    """
    corpus = Corpus.load(data)
    songs = [band / song.name for song in corpus.songs("band", "train")]
    spectrum = baselines.long_term_spectrum(corpus.spec, songs)
    out.mkdir(parents=True, exist_ok=True)
    scores, pictures = {}, {}
    for pair in console.progress(pairs, "measuring", unit="piece"):
        covers_of_pair = {row: folder / pair.source.name for row, folder in covers.items()}
        files = covers_of_pair | _write_audio(corpus.spec, pair, covers_of_pair[OURS], spectrum, out)
        waveforms = {row: baselines.recording(corpus.spec, path) for row, path in files.items()}
        scores[pair.name] = _scores(corpus.spec, waveforms, list(covers))
        pictures[pair.name] = {
            title: baselines.log_mel(corpus.spec, waveforms[row]) for row, title in _COLUMNS.items()
        }
    picture.save(out / PICTURE, corpus.spec, pictures)
    return _write_table(Table(scores), out)


def _write_audio(
    spec: AudioSpec, pair: Pair, cover: Path, spectrum: np.ndarray, out: Path
) -> dict[str, Path]:
    """Writes the four files of a piece, numbered in the order of `_COLUMNS`."""
    suffixes = (pair.source.suffix, ".ogg", cover.suffix, pair.band.suffix)
    files = {
        row: out / f"{pair.name}-{number}-{title.lower().replace(' ', '_')}{suffix}"
        for number, ((row, title), suffix) in enumerate(zip(_COLUMNS.items(), suffixes, strict=True), 1)
    }
    for row, path in ((COPY, pair.source), (OURS, cover), ("truth", pair.band)):
        shutil.copyfile(path, files[row])
    baselines.write_eq_match(spec, pair.source, files[EQ_MATCH], spectrum)
    return files


def _scores(
    spec: AudioSpec, waveforms: dict[str, np.ndarray], models: list[str]
) -> dict[str, demo_scores.Score]:
    """Scores of a piece, by row."""
    source, truth = waveforms[COPY], waveforms["truth"]
    rows = {row: waveforms[row] for row in (COPY, EQ_MATCH, *models)}
    rows[ORACLE] = baselines.oracle(spec, source, truth)
    return {row: demo_scores.measure(spec, waveform, source, truth) for row, waveform in rows.items()}


def _write_table(table: Table, out: Path) -> Table:
    (out / TABLE).write_text(f"{table.markdown()}\n{table.check_claim().sentence}\n")
    (out / SCORES).write_text(json.dumps(table.to_dict(), indent=2) + "\n")
    return table
