"""Renders the demo corpus: chorales by solo instruments and by a rock quartet, and three test pairs.

    python -m tools render demo --out tools/demo_songs

Requires FluidSynth, the SoundFont FluidR3_GM and music21 (pip install "coverband[render]"). The rendered
songs are in the repository; this is only needed to change them.
"""

from __future__ import annotations

import functools
import itertools
import json
import shutil
import tempfile
from pathlib import Path

import numpy as np
import soundfile
from absl import flags

from pipelines import console
from pipelines.errors import UserError
from pipelines.numba_cache import compile_librosa
from tools.demo import plan
from tools.rendering import chroma, midi, scores, soundfonts, synth
from tools.rendering.records import Row
from tools.rendering.render_pool import map_all

CATALOGUE = "catalogue.json"
SPLITS = ("content", "band", "truth")
TAIL = 1.2
"""Seconds after the last note, for its decay."""
CHROMA = 0.8
"""Least chroma similarity of the recordings of a pair."""
SCORE_CHROMA = 0.75
"""Least chroma similarity of a recording to its score, which lacks overtones and reverberation."""
MEGABYTES = 20.0


def main(argv: list[str]) -> None:
    """Renders into a temporary folder, checks the result, and replaces the corpus."""
    values = flags.FlagValues()
    folder = flags.DEFINE_string(
        "out", "tools/demo_songs", "Folder of the corpus, whose songs are replaced.", flag_values=values
    )
    soundfont_file = flags.DEFINE_string(
        "soundfont", None, "FluidR3_GM.sf2, if it is not in one of the usual places.", flag_values=values
    )
    jobs = flags.DEFINE_integer("jobs", 2, "Number of processes.", lower_bound=1, flag_values=values)
    console.parse(values, argv, __doc__)
    synth.require_fluidsynth()
    out, soundfont = Path(folder.value), soundfonts.find_soundfont(soundfont_file.value)
    out.mkdir(parents=True, exist_ok=True)
    recordings = plan.plan(scores.chorales())
    with tempfile.TemporaryDirectory(dir=out) as scratch:
        rows = _render_all(recordings, soundfont, Path(scratch), jobs.value)
        _add_pairs(rows, Path(scratch))
        print(table(rows))
        check(rows)
        _install(rows, Path(scratch), out)


def table(rows: list[Row]) -> str:
    """Table of the corpus: a line for each recording and each split."""
    lines = [
        f"{row['path']:<38} {row['seconds']:6.1f} s  rms {row['rms']:.3f}  peak {row['peak']:.2f}  "
        f"chroma to score {row['chroma_to_score']:.3f}" + _to_band(row)
        for row in rows
    ]
    for split in SPLITS:
        group = [row for row in rows if row["split"] == split]
        minutes, size = (sum(row[key] for row in group) for key in ("seconds", "bytes"))
        lines.append(f"{split:<8} {len(group):3} files  {minutes / 60:5.1f} min  {size / 1e6:5.1f} MB")
    return "\n".join(lines)


def check(rows: list[Row]) -> None:
    """Checks the size of the corpus and the similarity of recordings to their scores.

    Args:
        rows: rows of the catalogue.

    Raises:
        UserError: if the corpus is too large, or a recording, which is named, too dissimilar.
    """
    size = sum(row["bytes"] for row in rows) / 1e6
    if size > MEGABYTES:
        raise UserError(f"the corpus takes {size:.1f} MB, more than {MEGABYTES}: compress it more")
    for key, least in (("chroma_to_score", SCORE_CHROMA), ("chroma_to_band", CHROMA)):
        worst = min((row for row in rows if key in row), key=lambda row: row[key])
        if worst[key] < least:
            raise UserError(
                f"{worst['path']} has a {key} of {worst[key]}, less than {least}: change its instrument"
            )


def _render_all(recordings: list[plan.Recording], soundfont: Path, folder: Path, jobs: int) -> list[Row]:
    compile_librosa()
    task = functools.partial(_render, soundfont=soundfont, folder=folder)
    return map_all(task, recordings, jobs, title="render", unit="song")


def _render(recording: plan.Recording, soundfont: Path, folder: Path) -> Row:
    """Renders a recording, and measures the decoded file."""
    notes, path = recording.notes(), folder / recording.path
    seconds = max(note.end for note in notes) + TAIL
    score = midi.encode(notes, recording.sounds)
    synth.write(path, synth.render_at_loudness(score, seconds, soundfont))
    samples = soundfile.read(path, dtype="float32", always_2d=True)[0]
    synth.require_sound(samples, recording.path)
    measured = chroma.of_recording(samples, synth.SAMPLE_RATE)
    return {
        "path": recording.path,
        "split": recording.split,
        "instrument": recording.instrument,
        "piece": recording.piece.name,
        "title": recording.piece.title,
        "tempo": recording.tempo,
        "seconds": round(len(samples) / synth.SAMPLE_RATE, 3),
        "bytes": path.stat().st_size,
        "rms": round(float(np.sqrt(np.mean(samples**2))), 4),
        "peak": round(float(np.abs(samples).max()), 4),
        "chroma_to_score": round(chroma.similarity(measured, chroma.of_notes(notes, measured.shape[1])), 4),
    }


def _add_pairs(rows: list[Row], folder: Path) -> None:
    """Adds the chroma similarity of pairs, whose rows are adjacent, the source first."""
    truth = [row for row in rows if row["split"] == "truth"]
    for source, band in itertools.islice(itertools.pairwise(truth), 0, None, 2):
        chromas = [
            chroma.of_recording(*soundfile.read(folder / row["path"], dtype="float32", always_2d=True))
            for row in (source, band)
        ]
        source["chroma_to_band"] = round(chroma.similarity(*chromas), 4)


def _to_band(row: Row) -> str:
    return f"  chroma to band {row['chroma_to_band']:.3f}" if "chroma_to_band" in row else ""


def _install(rows: list[Row], folder: Path, out: Path) -> None:
    for split in SPLITS:
        shutil.rmtree(out / split, ignore_errors=True)
        (folder / split).replace(out / split)
    text = json.dumps(rows, indent=1, ensure_ascii=False)
    (out / CATALOGUE).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    console.run(main)
