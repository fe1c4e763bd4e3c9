"""Serves exported models: a page to drop a song on, and TensorFlow Serving's REST API.

    coverband serve --model saved_model/
    coverband serve --model models/ --port 8501

Then open http://localhost:8501. --model is what `coverband export` wrote, or a folder of versions of a model
(1, 2, ...), or a folder of such models; a new version is loaded while the server runs. There are clients in
pipelines/serving/README.md.
"""

from __future__ import annotations

from pathlib import Path

from absl import flags

from pipelines import console
from pipelines.serving import lifecycle
from pipelines.serving.limits import MEGABYTE, Limits

MODEL = flags.DEFINE_multi_string("model", None, "An exported model, or a folder of them.", required=True)
PORT = flags.DEFINE_integer("port", 8501, "To listen at.", lower_bound=0, upper_bound=65535)
HOST = flags.DEFINE_string("host", "127.0.0.1", "The address to listen at; 0.0.0.0 lets others in.")
ALLOW = flags.DEFINE_multi_string("allow", [], "A further host name under which clients call it.")
WORKERS = flags.DEFINE_integer("workers", 1, "Processes for each model.", lower_bound=1)
QUEUE = flags.DEFINE_integer("queue", 64, "Requests taken on at a time; others get 503.", lower_bound=1)
MEGABYTES = flags.DEFINE_float(
    "megabytes",
    None,
    "Largest song, as a file (default: what a WAV file of --minutes takes at 96 kHz and 24 bit).",
    lower_bound=0.001,
)
PREDICT_MEGABYTES = flags.DEFINE_float(
    "predict_megabytes", 64.0, "Largest request of a prediction.", lower_bound=0.001
)
MINUTES = flags.DEFINE_float("minutes", 15.0, "Longest song.", lower_bound=0.01)
TIMEOUT = flags.DEFINE_float("timeout", 120.0, "Seconds for one window or prediction.", lower_bound=1.0)
GRACE = flags.DEFINE_integer("grace", 600, "Seconds to finish what runs when it is stopped.", lower_bound=0)


def main(argv: list[str]) -> None:
    """Serves until it is told to stop."""
    console.require_no_arguments(argv)
    limits = Limits(
        song_seconds=60.0 * MINUTES.value,
        upload_bytes=None if MEGABYTES.value is None else round(MEGABYTES.value * MEGABYTE),
        request_bytes=round(PREDICT_MEGABYTES.value * MEGABYTE),
        requests=QUEUE.value,
        piece_seconds=TIMEOUT.value,
    )
    place = lifecycle.Place(HOST.value, PORT.value, tuple(ALLOW.value), GRACE.value)
    lifecycle.run([Path(name) for name in MODEL.value], limits, WORKERS.value, place)


if __name__ == "__main__":
    console.run(main)
