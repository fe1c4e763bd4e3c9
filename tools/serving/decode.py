"""A process that decodes one upload, which nobody has looked at, with little memory and time, and ends.

    python -m tools.serving.decode SOURCE TARGET SAMPLE_RATE SECONDS MEMORY_BYTES CPU_SECONDS

SOURCE becomes float32 samples at SAMPLE_RATE in TARGET, channels interleaved. On stdout: one JSON object with
samples, channels and loudness, or with an error and the HTTP status that goes with it.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

import numpy as np

from pipelines.audio import files
from pipelines.audio.loudness import LoudnessMeter
from pipelines.errors import UserError

_BLOCK_SECONDS = 5.0


class TooLong(Exception):
    """The song is longer than allowed."""


def main(argv: list[str]) -> None:
    """Decodes within limits."""
    source, target = Path(argv[1]), Path(argv[2])
    rate, seconds, memory, cpu = int(argv[3]), float(argv[4]), int(argv[5]), int(argv[6])
    _limit(memory, cpu, round(rate * seconds) * 8)
    try:
        found = _decode(source, target, rate, seconds)
    except UserError as error:
        found = {"status": 400, "error": str(error).replace(str(source), "the song")}
    except TooLong:
        found = {
            "status": 413,
            "error": f"the song is longer than the {seconds / 60:g} minutes that are taken",
        }
    except (MemoryError, OSError, ValueError, RuntimeError):
        found = {"status": 400, "error": "the song cannot be decoded: convert it again"}
    print(json.dumps(found))


def _decode(source: Path, target: Path, rate: int, seconds: float) -> dict[str, object]:
    info = files.info(source)
    if info.seconds > seconds:
        raise TooLong
    meter, samples = LoudnessMeter(rate, info.channels), 0
    with target.open("wb") as file:
        for block in files.blocks(source, rate, _BLOCK_SECONDS):
            samples += len(block)
            if samples > rate * seconds:
                raise TooLong
            meter.add(block)
            file.write(block.astype("<f4").tobytes())
    loudness = meter.integrated()
    known = loudness if np.isfinite(loudness) else None
    return {"samples": samples, "channels": info.channels, "loudness": known}


def _limit(memory: int, cpu: int, size: int) -> None:
    """Limits from now on: what Python and its libraries have taken already is not counted."""
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    spent = resource.getrusage(resource.RUSAGE_SELF)
    _lower(resource.RLIMIT_AS, used + memory)
    _lower(resource.RLIMIT_CPU, int(spent.ru_utime + spent.ru_stime) + cpu)
    _lower(resource.RLIMIT_FSIZE, size + (1 << 20))
    _lower(resource.RLIMIT_CORE, 0)


def _lower(kind: int, limit: int) -> None:
    hard = resource.getrlimit(kind)[1]
    limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    resource.setrlimit(kind, (limit, limit))


if __name__ == "__main__":
    main(sys.argv)
