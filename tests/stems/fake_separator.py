"""Separator that copies stems which exist: a program, a function, and what can go wrong with either.

    python fake_separator.py KIND SONG OUTPUT

The stems of songs/a.wav are truth/a/vocals.wav and truth/a/instrumental.wav. Needs the standard library only.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

LAYOUTS = {
    "demucs": ("htdemucs/song/vocals.wav", "htdemucs/song/no_vocals.wav"),
    "spleeter": ("song/vocals.wav", "song/accompaniment.wav"),
    "audio-separator": ("song_(Vocals)_instrumental_v2.wav", "song_(Instrumental)_instrumental_v2.wav"),
    "vocals": ("vocals.wav", "drums.wav"),
}


def truth(song: Path) -> Path:
    """Folder of a song's stems."""
    return song.resolve().parents[1] / "truth" / song.resolve().stem


def separate(song: Path, output: Path, kind: str = "demucs") -> None:
    """Writes the stems in the layout of a program, and notes that it did."""
    with (truth(song).parent / "runs").open("a") as runs:
        runs.write(f"{song.resolve().name}\n")
    for role, name in zip(("vocals", "instrumental"), LAYOUTS[kind], strict=True):
        (output / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(truth(song) / f"{role}.wav", output / name)


def separate_badly(song: Path, output: Path) -> None:
    raise RuntimeError("no model")


def main(kind: str, song: Path, output: Path) -> None:
    if kind == "fail" or (kind == "fail on b" and song.resolve().stem == "b"):
        sys.exit("loading the model\r 10 %\nout of memory\n")
    elif kind == "hang":
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        (truth(song).parent / "child").write_text(str(child.pid))
        time.sleep(600)
    elif kind == "killed":
        os.kill(os.getpid(), 9)
    elif kind == "nothing":
        (output / "notes.txt").write_text("done")
        print("0 songs separated")
    elif kind == "text":
        (output / "vocals.wav").write_text("no audio " * 100)
    else:
        separate(song, output, "demucs" if kind == "fail on b" else kind)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
