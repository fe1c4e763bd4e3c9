"""Measures time and errors of log-mel inversion.

    python -m tools benchmark inversion
    python -m tools benchmark inversion --pairs=my_pairs --seconds=5

Of aligned recordings of one score, NAME.source.* and NAME.band.*, the band's log-mel is inverted by librosa,
and by Coverband with and without the phase of the source.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from absl import flags

from pipelines import console
from pipelines.audio import features, files
from pipelines.audio.inversion import GriffinLim
from pipelines.audio.spec import AudioSpec
from pipelines.audio.stft import stft
from pipelines.evaluation.pairs import find_pairs
from pipelines.metrics.distances import multi_stft_distance, spectral_convergence
from tools.benchmarks.inversion_methods import Method, by_inverter, by_librosa, warm_up
from tools.demo import DEMO_SONGS


@dataclasses.dataclass(frozen=True)
class Row:
    """Row of the table: means over the pairs.

    Attributes:
        name: name of the method.
        seconds: processing time per second of audio.
        multi_stft: distance to the recording, see `multi_stft_distance`.
        convergence: spectral convergence to the recording's STFT.
    """

    name: str
    seconds: float
    multi_stft: float
    convergence: float


def main(argv: list[str]) -> None:
    """Prints a table of `librosa` and `GriffinLim`."""
    values = flags.FlagValues()
    pairs_folder = flags.DEFINE_string(
        "pairs",
        None,
        "Folder of aligned recordings, NAME.source.* and NAME.band.* (default: the demo's).",
        flag_values=values,
    )
    seconds = flags.DEFINE_float(
        "seconds",
        10.0,
        "Length of the excerpt from the middle of each pair.",
        lower_bound=0.5,
        flag_values=values,
    )
    console.parse(values, argv, __doc__)
    spec = AudioSpec()
    folder = Path(pairs_folder.value) if pairs_folder.value else DEMO_SONGS / "truth"
    pairs = list(_pairs(spec, folder, seconds.value))
    work = console.progress(_methods(spec).items(), "inverting")
    rows = [_measure(spec, name, method, pairs) for name, method in work]
    print(_table(rows, len(pairs)))


def _methods(spec: AudioSpec) -> dict[str, Method]:
    """Methods by name; librosa, the reference, is the first."""
    methods: dict[str, Method] = {"librosa nnls + griffinlim, 32 iterations": by_librosa(spec)}
    for phase in ("random", "source"):
        for iterations in (0, 4, 32):
            methods[f"Coverband, {phase} phase, {iterations} iterations"] = by_inverter(
                GriffinLim(spec, iterations), with_source=phase == "source"
            )
    return methods


def _measure(spec: AudioSpec, name: str, method: Method, pairs: list[tuple[np.ndarray, np.ndarray]]) -> Row:
    """Row of one method."""
    results = []
    for source, band in pairs:
        log_mel, spectra = features.log_mel(spec, band[None]), stft(spec, source[None])
        warm_up(method, spec, log_mel, spectra)
        start = time.perf_counter()
        waveform = method(log_mel, spectra, len(band))
        seconds = (time.perf_counter() - start) * spec.sample_rate / len(band)
        error = spectral_convergence(stft(spec, band).numpy(), stft(spec, waveform).numpy())
        results.append((seconds, multi_stft_distance(band, waveform), error))
    return Row(name, *np.mean(results, axis=0).tolist())


def _pairs(spec: AudioSpec, folder: Path, seconds: float) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Excerpts (source, band) from the middle of every pair, float32 [samples] of equal length."""
    for pair in find_pairs(folder):
        waveforms = [files.read(path, spec.sample_rate, mono=True)[:, 0] for path in (pair.source, pair.band)]
        length = min(map(len, waveforms))
        excerpt = min(length, round(seconds * spec.sample_rate))
        start = (length - excerpt) // 2
        yield waveforms[0][start : start + excerpt], waveforms[1][start : start + excerpt]


def _table(rows: list[Row], pairs: int) -> str:
    """Markdown table; smaller is better, except for the speed-up."""
    lines = [
        f"Means over {pairs} pairs; times are per second of audio.",
        "",
        "| inverter | time, s | speed-up | M-STFT | to librosa | spectral convergence | to librosa |",
        "|---|---|---|---|---|---|---|",
    ]
    first = rows[0]
    for row in rows:
        lines.append(
            f"| {row.name} | {row.seconds:.4f} | {first.seconds / row.seconds:.0f}x | {row.multi_stft:.3f} |"
            f" {row.multi_stft / first.multi_stft:.2f} | {row.convergence:.3f} |"
            f" {row.convergence / first.convergence:.2f} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    console.run(main)
