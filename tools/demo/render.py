"""Renders the demo corpus: chorales by solo instruments, others by a rock quartet, and three by both.

    python -m tools render demo --out tools/demo_songs

It needs FluidSynth, the SoundFont FluidR3_GM and music21 (pip install "coverband[render]"). The songs
are in the repository, so only someone who wants others runs it.
"""

from __future__ import annotations

import concurrent.futures
import functools
import itertools
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from absl import flags

from pipelines import console
from pipelines.errors import UserError
from pipelines.numba_cache import compile_librosa
from tools.demo import plan
from tools.rendering import chroma, midi, scores, synth

CATALOGUE = "catalogue.json"
SPLITS = ("content", "band", "truth")
TAIL = 1.2
"""Seconds after the last note."""
CHROMA = 0.8
"""Least similarity of the two recordings of a pair."""
SCORE_CHROMA = 0.75
"""Least similarity of a recording to its own score, which knows neither overtones nor reverberation."""
MEGABYTES = 20.0


def main(argv: list[str]) -> None:
    """Renders into a temporary folder, checks, and only then replaces the corpus."""
    values = flags.FlagValues()
    folder = flags.DEFINE_string(
        "out", "tools/demo_songs", "Folder of the corpus; its songs are replaced.", flag_values=values
    )
    soundfont_file = flags.DEFINE_string(
        "soundfont", None, "FluidR3_GM.sf2, if it is not in one of the usual places.", flag_values=values
    )
    jobs = flags.DEFINE_integer(
        "jobs", 2, "Songs that are rendered at a time.", lower_bound=1, flag_values=values
    )
    console.parse(values, argv, __doc__)
    synth.require_fluidsynth()
    out, soundfont = Path(folder.value), synth.find_soundfont(soundfont_file.value)
    out.mkdir(parents=True, exist_ok=True)
    songs = plan.plan(scores.chorales())
    with tempfile.TemporaryDirectory(dir=out) as scratch:
        rows = _render_all(songs, soundfont, Path(scratch), jobs.value)
        _add_pairs(rows, Path(scratch))
        print(table(rows))
        check(rows)
        _install(rows, Path(scratch), out)


def table(rows: list[dict[str, Any]]) -> str:
    """Readable table of the rendered songs: a line for each song and each split, with similarities."""
    lines = [
        f"{row['path']:<38} {row['seconds']:6.1f} s  rms {row['rms']:.3f}  peak {row['peak']:.2f}  "
        f"chroma to score {row['chroma_to_score']:.3f}" + _to_band(row)
        for row in rows
    ]
    for split in SPLITS:
        chosen = [row for row in rows if row["split"] == split]
        minutes, size = (sum(row[key] for row in chosen) for key in ("seconds", "bytes"))
        lines.append(f"{split:<8} {len(chosen):3} files  {minutes / 60:5.1f} min  {size / 1e6:5.1f} MB")
    return "\n".join(lines)


def check(rows: list[dict[str, Any]]) -> None:
    """Refuses a corpus that is too large, or in which some recording does not play its notes.

    Raises:
        UserError: naming the worst.
    """
    size = sum(row["bytes"] for row in rows) / 1e6
    if size > MEGABYTES:
        raise UserError(f"the corpus takes {size:.1f} MB, more than {MEGABYTES}: compress it more")
    for key, least in (("chroma_to_score", SCORE_CHROMA), ("chroma_to_band", CHROMA)):
        worst = min((row for row in rows if key in row), key=lambda row: row[key])
        if worst[key] < least:
            raise UserError(
                f"{worst['path']} has a {key} of {worst[key]}, less than {least}: change its sound"
            )


def _render_all(songs: list[plan.Song], soundfont: Path, folder: Path, jobs: int) -> list[dict[str, Any]]:
    task = functools.partial(_render, soundfont=soundfont, folder=folder)
    compile_librosa()
    with concurrent.futures.ProcessPoolExecutor(jobs) as pool:
        return list(console.progress(pool.map(task, songs), "render", total=len(songs), unit="song"))


def _render(song: plan.Song, soundfont: Path, folder: Path) -> dict[str, Any]:
    """Renders one song and measures what a transcriber will decode."""
    notes, path = song.notes(), folder / song.path
    seconds = max(note.end for note in notes) + TAIL
    synth.store(path, synth.play(midi.encode(notes, song.sounds), seconds, soundfont))
    samples = soundfile.read(path, dtype="float32", always_2d=True)[0]
    synth.require_sound(samples, song.path)
    heard = chroma.of_recording(samples, synth.SAMPLE_RATE)
    return {
        "path": song.path,
        "split": song.split,
        "instrument": song.instrument,
        "piece": song.piece.name,
        "title": song.piece.title,
        "tempo": song.tempo,
        "seconds": round(len(samples) / synth.SAMPLE_RATE, 3),
        "bytes": path.stat().st_size,
        "rms": round(float(np.sqrt(np.mean(samples**2))), 4),
        "peak": round(float(np.abs(samples).max()), 4),
        "chroma_to_score": round(chroma.similarity(heard, chroma.of_notes(notes, heard.shape[1])), 4),
    }


def _add_pairs(rows: list[dict[str, Any]], folder: Path) -> None:
    """Measures the pairs of the truth: they stand one after the other, the source first."""
    truth = [row for row in rows if row["split"] == "truth"]
    for source, band in itertools.islice(itertools.pairwise(truth), 0, None, 2):
        heard = [
            chroma.of_recording(*soundfile.read(folder / row["path"], dtype="float32", always_2d=True))
            for row in (source, band)
        ]
        source["chroma_to_band"] = round(chroma.similarity(*heard), 4)


def _to_band(row: dict[str, Any]) -> str:
    return f"  chroma to band {row['chroma_to_band']:.3f}" if "chroma_to_band" in row else ""


def _install(rows: list[dict[str, Any]], folder: Path, out: Path) -> None:
    for split in SPLITS:
        shutil.rmtree(out / split, ignore_errors=True)
        (folder / split).replace(out / split)
    text = json.dumps(rows, indent=1, ensure_ascii=False)
    (out / CATALOGUE).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    console.run(main)
