"""Speed of features, input pipeline, train steps, translation and inversion.

    python -m tools benchmark speed
    python -m tools benchmark speed --parts features,inversion --seconds 10
    python -m tools benchmark speed --parts steps,reading --families cyclegan,vaegan --profile traces/
    python -m tools benchmark speed --parts steps --presets vaegan_base --precision mixed_bfloat16

Parts: features, compared with librosa; reading, the input pipeline compared with the train step; steps, the
train steps of the families, where there is one compared with a PyTorch reference (if PyTorch is installed);
translation, by stage; inversion, compared with librosa at equal iterations. Both sides of a comparison run
alternately with the same threads. Every number is the median over rounds, with minimum and maximum; ratios
are taken in each round. Memory is the peak of a process for each side, beyond that of the libraries. Without
--data, the demo's songs are prepared into a temporary folder.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from absl import flags

from pipelines import console
from pipelines.audio.spec import AudioSpec
from pipelines.data.loader import open_corpus
from pipelines.data.preparation import prepare
from pipelines.data.schema import DOMAINS, Settings
from pipelines.errors import UserError
from pipelines.evaluation.pairs import find_sources
from pipelines.training.config import PRECISIONS
from tools.benchmarks import machine, timing
from tools.benchmarks.speed import families, features, inverting, steps, translating
from tools.benchmarks.speed.setup import PARTS, Setup, parts_of
from tools.benchmarks.tables import Table
from tools.demo import DEMO_SONGS


def main(argv: list[str]) -> None:
    """Prints the tables of the parts."""
    values = flags.FlagValues()
    data_folder = flags.DEFINE_string(
        "data",
        None,
        "As of the train commands (default: the demo's songs).",
        flag_values=values,
    )
    precision = flags.DEFINE_enum(
        "precision",
        "float32",
        PRECISIONS,
        "Precision of the networks while they train.",
        flag_values=values,
    )
    changes = flags.DEFINE_multi_string(
        "set",
        [],
        "Changes one setting of a preset: FAMILY.key=value, cyclegan.data.batch_size=16 for instance.",
        flag_values=values,
    )
    songs = flags.DEFINE_multi_string(
        "song", [], "To compute features of, translate and invert (default: the demo's).", flag_values=values
    )
    models = flags.DEFINE_multi_string(
        "model",
        [],
        "A training run to translate with (default: fresh ones, which take as long).",
        flag_values=values,
    )
    chosen = flags.DEFINE_list("parts", list(PARTS), f"Of {', '.join(PARTS)}.", flag_values=values)
    names = flags.DEFINE_list(
        "families", [], "Whose steps are measured (default: all, or those of --presets).", flag_values=values
    )
    preset_names = flags.DEFINE_list(
        "presets", [], "Where they are not to be a family's first.", flag_values=values
    )
    seconds = flags.DEFINE_float(
        "seconds", 5.0, "For each side of a measurement.", lower_bound=0.0, flag_values=values
    )
    iterations = flags.DEFINE_integer(
        "iterations", 32, "Of Griffin-Lim, on both sides.", lower_bound=1, flag_values=values
    )
    threads = flags.DEFINE_integer(
        "threads", os.cpu_count() or 1, "On either side.", lower_bound=1, flag_values=values
    )
    memory = flags.DEFINE_boolean(
        "memory", True, "Measures memory, too: about half of the time.", flag_values=values
    )
    peak = flags.DEFINE_float(
        "peak_tflops",
        None,
        "The device's peak in bfloat16 (default: as the data sheets of some GPUs say).",
        flag_values=values,
    )
    profile = flags.DEFINE_string(
        "profile",
        None,
        "Folder for traces of some steps, to be opened in TensorBoard; the longest are printed.",
        flag_values=values,
    )
    out = flags.DEFINE_string("out", None, "File for the numbers, JSON.", flag_values=values)
    console.parse(values, argv, __doc__)
    parts = parts_of(chosen.value)
    presets = families.chosen(names.value, preset_names.value)
    timing.limit_threads(threads.value)
    with tempfile.TemporaryDirectory() as scratch:
        here = machine.this()
        paths = tuple(Path(name) for name in songs.value) or tuple(find_sources(DEMO_SONGS / "truth"))
        trained = parts & {"steps", "reading"} or ("translation" in parts and not models.value)
        data = data_folder.value
        if data is None and trained:
            data = _prepare_demo(Path(scratch) / "data", threads.value)
        setup = Setup(
            data=data or "",
            spec=open_corpus(data).spec if data else AudioSpec(),
            songs=paths,
            presets=presets,
            changes=tuple(changes.value),
            precision=precision.value,
            models=tuple(Path(name) for name in models.value),
            seconds=seconds.value,
            iterations=iterations.value,
            scratch=Path(scratch),
            memory=memory.value,
            peak_tflops=peak.value or here.peak_tflops,
            traces=Path(profile.value) if profile.value else None,
        )
        print(f"{here}; {threads.value} threads on either side\n", flush=True)
        tables = []
        for table in _tables(setup, parts):
            print(table, flush=True)
            tables.append(table.to_dict())
    if out.value:
        _write(Path(out.value), {"machine": here._asdict(), "threads": threads.value, "tables": tables})


def _prepare_demo(data: Path, jobs: int) -> str:
    """Prepares the demo's songs into a data folder."""
    prepare({domain: DEMO_SONGS / domain for domain in DOMAINS}, data, Settings(), jobs)
    return str(data)


def _tables(setup: Setup, parts: frozenset[str]) -> Iterator[Table]:
    makers: dict[str, Callable[[Setup], Iterable[Table]]] = {
        "features": features.tables,
        "inversion": inverting.tables,
        "translation": translating.tables,
    }
    if parts & {"steps", "reading"}:
        yield from steps.tables(setup, steps="steps" in parts, reading="reading" in parts)
    for part, make in makers.items():
        if part in parts:
            yield from make(setup)


def _write(path: Path, results: dict[str, object]) -> None:
    try:
        path.write_text(json.dumps(results, indent=2) + "\n")
    except OSError as error:
        raise UserError(f"{path} cannot be written ({error.strerror}): name another --out") from error


if __name__ == "__main__":
    console.run(main)
