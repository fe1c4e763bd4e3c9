"""Serves exported models: a page to drop a song on, and TensorFlow Serving's REST API.

    coverband serve --model runs/mine
    coverband serve --model saved_model/
    coverband serve --model models/ --port 8501

Then open http://localhost:8501. --model is a training run with an ONNX export of its present weights (runs
write one when they end), or what `coverband export` wrote, or a folder of versions of a model (1, 2, ...), or
a folder of such models; a new version is loaded while the server runs. TensorFlow runs SavedModels, and
onnxruntime ONNX exports, in a quarter of the memory. There are clients in pipelines/serving/README.md.
"""

from __future__ import annotations

from pathlib import Path

from absl import flags

from pipelines import console
from pipelines.inference import runtimes
from pipelines.serving import folders, lifecycle
from pipelines.serving.limits import MEGABYTE, Limits


def main(argv: list[str]) -> None:
    """Serves until SIGINT or SIGTERM."""
    values = flags.FlagValues()
    model = flags.DEFINE_multi_string(
        "model",
        None,
        "A training run with an ONNX export, an exported model, or a folder of exported models.",
        required=True,
        flag_values=values,
    )
    port = flags.DEFINE_integer(
        "port", 8501, "Port of the server.", lower_bound=0, upper_bound=65535, flag_values=values
    )
    host = flags.DEFINE_string(
        "host", "127.0.0.1", "Address of the server; 0.0.0.0 accepts other machines.", flag_values=values
    )
    allow = flags.DEFINE_multi_string(
        "allow", [], "Another host name by which clients reach it.", flag_values=values
    )
    workers = flags.DEFINE_integer(
        "workers", 1, "Processes for each model.", lower_bound=1, flag_values=values
    )
    queue = flags.DEFINE_integer(
        "queue", 64, "Requests accepted at a time; others get 503.", lower_bound=1, flag_values=values
    )
    megabytes = flags.DEFINE_float(
        "megabytes",
        None,
        "Largest song, as a file (default: what a WAV file of --minutes takes at 96 kHz and 24 bit).",
        lower_bound=0.001,
        flag_values=values,
    )
    predict_megabytes = flags.DEFINE_float(
        "predict_megabytes", 64.0, "Largest request of a prediction.", lower_bound=0.001, flag_values=values
    )
    minutes = flags.DEFINE_float("minutes", 15.0, "Longest song.", lower_bound=0.01, flag_values=values)
    timeout = flags.DEFINE_float(
        "timeout", 120.0, "Seconds for one window or prediction.", lower_bound=1.0, flag_values=values
    )
    grace = flags.DEFINE_integer(
        "grace",
        600,
        "Seconds to finish requests after a stop signal.",
        lower_bound=0,
        flag_values=values,
    )
    console.parse(values, argv, __doc__)
    limits = Limits(
        song_seconds=60.0 * minutes.value,
        upload_bytes=None if megabytes.value is None else round(megabytes.value * MEGABYTE),
        request_bytes=round(predict_megabytes.value * MEGABYTE),
        requests=queue.value,
        call_seconds=timeout.value,
    )
    place = lifecycle.ServerAddress(host.value, port.value, tuple(allow.value), grace.value)
    roots = [Path(name) for name in model.value]
    for run in filter(folders.is_run, roots):
        runtimes.onnx_export(run, runtimes.Runtime.ONNX)  # an error if there is none of its present weights
    lifecycle.run(roots, limits, workers.value, place)


if __name__ == "__main__":
    console.run(main)
